-- Statements are parted by blank lines. Run again they change nothing.
-- The words of a document: title A, brief B, full text C. Of texts beyond all measure only the beginning is read,
-- as PostgreSQL refuses words of more than a megabyte.
ALTER TABLE search_document
    ADD COLUMN IF NOT EXISTS words tsvector,
    ADD COLUMN IF NOT EXISTS headline tsvector

CREATE INDEX IF NOT EXISTS search_document_words ON search_document USING gin (words) WITH (fastupdate = off)

CREATE OR REPLACE VIEW search_shown AS
SELECT s.id AS story_id, n.id AS version_id, s.source_id, coalesce(c.feed_category, '') AS feed_category, s.published_at
FROM ingestion_storyraw s
JOIN neutralization_storyneutralized n ON n.story_id = s.id AND n.is_current
LEFT JOIN classification_storyclassification c ON c.story_id = s.id
WHERE NOT s.is_duplicate

-- Accents off, as search.language takes them off what is looked for.
CREATE OR REPLACE FUNCTION search_lexemes(written text, weight "char") RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT setweight(to_tsvector('english', regexp_replace(normalize(written, NFD), '[\u0300-\u036f]+', '', 'g')), weight)
$$

CREATE OR REPLACE FUNCTION search_read_words() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    SELECT search_lexemes(n.feed_title || ' ' || n.detail_title, 'A')
        || search_lexemes(n.feed_summary || ' ' || n.detail_brief, 'B')
        || search_lexemes(left(n.detail_full, 100000), 'C')
    INTO NEW.words FROM neutralization_storyneutralized n WHERE n.id = NEW.version_id;
    NEW.headline := ts_filter(NEW.words, '{a}');
    RETURN NEW;
END $$

-- The lock makes whoever changes the same story at the same time wait, so that neither overlooks the other's change.
CREATE OR REPLACE FUNCTION search_read_story(changed uuid) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM ingestion_storyraw WHERE id = changed FOR NO KEY UPDATE;
    DELETE FROM search_document WHERE story_id = changed;
    INSERT INTO search_document (story_id, version_id, source_id, feed_category, published_at)
        SELECT story_id, version_id, source_id, feed_category, published_at FROM search_shown WHERE story_id = changed;
END $$

CREATE OR REPLACE FUNCTION search_follow_version() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM search_read_story(coalesce(NEW.story_id, OLD.story_id));
    RETURN NULL;
END $$

CREATE OR REPLACE FUNCTION search_follow_story() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM search_read_story(NEW.id);
    RETURN NULL;
END $$

CREATE OR REPLACE FUNCTION search_follow_class() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM ingestion_storyraw WHERE id = coalesce(NEW.story_id, OLD.story_id) FOR NO KEY UPDATE;
    UPDATE search_document SET feed_category = coalesce(NEW.feed_category, '')
        WHERE story_id = coalesce(NEW.story_id, OLD.story_id);
    RETURN NULL;
END $$

CREATE OR REPLACE TRIGGER search_document_made BEFORE INSERT ON search_document
    FOR EACH ROW EXECUTE FUNCTION search_read_words()

CREATE OR REPLACE TRIGGER search_version_made AFTER INSERT ON neutralization_storyneutralized
    FOR EACH ROW WHEN (NEW.is_current) EXECUTE FUNCTION search_follow_version()

CREATE OR REPLACE TRIGGER search_version_changed AFTER UPDATE ON neutralization_storyneutralized
    FOR EACH ROW WHEN (NEW.is_current OR OLD.is_current) EXECUTE FUNCTION search_follow_version()

CREATE OR REPLACE TRIGGER search_version_gone AFTER DELETE ON neutralization_storyneutralized
    FOR EACH ROW WHEN (OLD.is_current) EXECUTE FUNCTION search_follow_version()

CREATE OR REPLACE TRIGGER search_story_changed AFTER UPDATE ON ingestion_storyraw
    FOR EACH ROW WHEN (
        (OLD.source_id, OLD.published_at, OLD.is_duplicate) IS DISTINCT FROM
        (NEW.source_id, NEW.published_at, NEW.is_duplicate)
    ) EXECUTE FUNCTION search_follow_story()

CREATE OR REPLACE TRIGGER search_class_made AFTER INSERT ON classification_storyclassification
    FOR EACH ROW EXECUTE FUNCTION search_follow_class()

CREATE OR REPLACE TRIGGER search_class_changed AFTER UPDATE ON classification_storyclassification
    FOR EACH ROW WHEN (OLD.feed_category IS DISTINCT FROM NEW.feed_category) EXECUTE FUNCTION search_follow_class()

CREATE OR REPLACE TRIGGER search_class_gone AFTER DELETE ON classification_storyclassification
    FOR EACH ROW EXECUTE FUNCTION search_follow_class()
