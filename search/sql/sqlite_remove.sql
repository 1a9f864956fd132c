DROP TRIGGER IF EXISTS search_document_made

DROP TRIGGER IF EXISTS search_document_gone

DROP TRIGGER IF EXISTS search_version_made

DROP TRIGGER IF EXISTS search_version_changed

DROP TRIGGER IF EXISTS search_version_gone

DROP TRIGGER IF EXISTS search_story_changed

DROP TRIGGER IF EXISTS search_class_made

DROP TRIGGER IF EXISTS search_class_changed

DROP TRIGGER IF EXISTS search_class_gone

DROP VIEW IF EXISTS search_shown
