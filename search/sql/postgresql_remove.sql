DROP TRIGGER IF EXISTS search_document_made ON search_document

DROP TRIGGER IF EXISTS search_version_made ON neutralization_storyneutralized

DROP TRIGGER IF EXISTS search_version_changed ON neutralization_storyneutralized

DROP TRIGGER IF EXISTS search_version_gone ON neutralization_storyneutralized

DROP TRIGGER IF EXISTS search_story_changed ON ingestion_storyraw

DROP TRIGGER IF EXISTS search_class_made ON classification_storyclassification

DROP TRIGGER IF EXISTS search_class_changed ON classification_storyclassification

DROP TRIGGER IF EXISTS search_class_gone ON classification_storyclassification

DROP FUNCTION IF EXISTS search_follow_class, search_follow_story, search_follow_version, search_read_story, search_read_words, search_lexemes

DROP VIEW IF EXISTS search_shown
