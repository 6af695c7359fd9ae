-- Where a benchmark's questions about a row's video lie.

ALTER TABLE build_row ADD COLUMN questions text;
COMMENT ON COLUMN build_row.questions IS
    'Where a benchmark''s questions about the video lie in the store, as part#row; NULL outside evaluations.';
