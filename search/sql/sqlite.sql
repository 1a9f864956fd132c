-- Statements are parted by blank lines. Run again they change nothing.
CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5(
    title, brief, body, tokenize = "porter unicode61 remove_diacritics 2"
)

-- Words of documents that went while there were no triggers.
DELETE FROM search_words WHERE rowid NOT IN (SELECT id FROM search_document)

CREATE VIEW IF NOT EXISTS search_shown AS
SELECT s.id AS story_id, n.id AS version_id, s.source_id, coalesce(c.feed_category, '') AS feed_category, s.published_at
FROM ingestion_storyraw s
JOIN neutralization_storyneutralized n ON n.story_id = s.id AND n.is_current
LEFT JOIN classification_storyclassification c ON c.story_id = s.id
WHERE NOT s.is_duplicate

CREATE TRIGGER IF NOT EXISTS search_document_made AFTER INSERT ON search_document BEGIN
    INSERT INTO search_words (rowid, title, brief, body)
        SELECT NEW.id, feed_title || ' ' || detail_title, feed_summary || ' ' || detail_brief, substr(detail_full, 1, 100000)
        FROM neutralization_storyneutralized WHERE id = NEW.version_id;
END

CREATE TRIGGER IF NOT EXISTS search_document_gone AFTER DELETE ON search_document BEGIN
    DELETE FROM search_words WHERE rowid = OLD.id;
END

CREATE TRIGGER IF NOT EXISTS search_version_made AFTER INSERT ON neutralization_storyneutralized WHEN NEW.is_current BEGIN
    DELETE FROM search_document WHERE story_id = NEW.story_id;
    INSERT INTO search_document (story_id, version_id, source_id, feed_category, published_at)
        SELECT story_id, version_id, source_id, feed_category, published_at FROM search_shown WHERE story_id = NEW.story_id;
END

CREATE TRIGGER IF NOT EXISTS search_version_changed AFTER UPDATE ON neutralization_storyneutralized
WHEN NEW.is_current OR OLD.is_current BEGIN
    DELETE FROM search_document WHERE story_id = NEW.story_id;
    INSERT INTO search_document (story_id, version_id, source_id, feed_category, published_at)
        SELECT story_id, version_id, source_id, feed_category, published_at FROM search_shown WHERE story_id = NEW.story_id;
END

CREATE TRIGGER IF NOT EXISTS search_version_gone AFTER DELETE ON neutralization_storyneutralized WHEN OLD.is_current BEGIN
    DELETE FROM search_document WHERE version_id = OLD.id;
END

CREATE TRIGGER IF NOT EXISTS search_story_changed AFTER UPDATE ON ingestion_storyraw
WHEN OLD.source_id IS NOT NEW.source_id OR OLD.published_at IS NOT NEW.published_at
    OR OLD.is_duplicate IS NOT NEW.is_duplicate BEGIN
    DELETE FROM search_document WHERE story_id = NEW.id;
    INSERT INTO search_document (story_id, version_id, source_id, feed_category, published_at)
        SELECT story_id, version_id, source_id, feed_category, published_at FROM search_shown WHERE story_id = NEW.id;
END

CREATE TRIGGER IF NOT EXISTS search_class_made AFTER INSERT ON classification_storyclassification BEGIN
    UPDATE search_document SET feed_category = NEW.feed_category WHERE story_id = NEW.story_id;
END

CREATE TRIGGER IF NOT EXISTS search_class_changed AFTER UPDATE ON classification_storyclassification
WHEN OLD.feed_category IS NOT NEW.feed_category BEGIN
    UPDATE search_document SET feed_category = NEW.feed_category WHERE story_id = NEW.story_id;
END

CREATE TRIGGER IF NOT EXISTS search_class_gone AFTER DELETE ON classification_storyclassification BEGIN
    UPDATE search_document SET feed_category = '' WHERE story_id = OLD.story_id;
END
