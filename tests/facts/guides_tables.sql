-- The tables as deployments of the guide have them, as far as facts go: times without time zone, a trigger that dates changes.
CREATE TABLE universal_users (
    universal_id varchar(255) PRIMARY KEY,
    primary_username varchar(255) NOT NULL,
    display_name varchar(255),
    created_at timestamp without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_active timestamp without time zone NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE fact_entities (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entity_type text NOT NULL,
    entity_name text NOT NULL,
    category text,
    subcategory text,
    attributes jsonb DEFAULT '{}',
    search_vector tsvector GENERATED ALWAYS AS (to_tsvector('english', entity_name)) STORED,
    created_at timestamp without time zone DEFAULT now(),
    updated_at timestamp without time zone DEFAULT now(),
    UNIQUE (entity_type, entity_name)
);
CREATE TABLE user_fact_relationships (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id varchar(255) NOT NULL REFERENCES universal_users (universal_id) ON DELETE CASCADE,
    entity_id uuid NOT NULL REFERENCES fact_entities (id) ON DELETE CASCADE,
    relationship_type text NOT NULL CHECK (length(relationship_type) > 0 AND length(relationship_type) <= 50),
    confidence double precision DEFAULT 0.5 CHECK (confidence >= 0 AND confidence <= 1),
    strength double precision DEFAULT 0.5 CHECK (strength >= 0 AND strength <= 1),
    emotional_context text,
    context_metadata jsonb DEFAULT '{}',
    source_conversation_id text,
    mentioned_by_character text,
    source_platform text DEFAULT 'discord',
    related_entities jsonb DEFAULT '[]',
    created_at timestamp without time zone DEFAULT now(),
    updated_at timestamp without time zone DEFAULT now(),
    UNIQUE (user_id, entity_id, relationship_type)
);
CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.updated_at = now(); RETURN NEW; END; $$;
CREATE TRIGGER update_user_fact_relationships_updated_at BEFORE UPDATE ON user_fact_relationships
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
