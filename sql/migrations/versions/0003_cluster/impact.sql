-- A blast radius is walked from a result to what was made from it, and begins with the results of a configuration.

CREATE INDEX edge_parent_idx ON edge USING hash (parent);
CREATE INDEX result_config_id_idx ON result (config_id);
