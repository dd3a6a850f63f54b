









CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);



CREATE TABLE askings (
    id integer NOT NULL,
    question integer NOT NULL,
    channel text NOT NULL,
    room text NOT NULL,
    event text NOT NULL,
    asker text NOT NULL,
    text text NOT NULL,
    asked timestamp with time zone NOT NULL,
    private boolean NOT NULL,
    told timestamp with time zone
);



CREATE SEQUENCE askings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE askings_id_seq OWNED BY askings.id;



CREATE TABLE candidates (
    id integer NOT NULL,
    channel text NOT NULL,
    room text NOT NULL,
    event text NOT NULL,
    entry text NOT NULL,
    made timestamp with time zone NOT NULL,
    list integer,
    place smallint,
    question text
);



CREATE SEQUENCE candidates_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE candidates_id_seq OWNED BY candidates.id;



CREATE TABLE drafts (
    number integer NOT NULL,
    kind text NOT NULL,
    question integer,
    content text NOT NULL,
    moderator text NOT NULL,
    made timestamp with time zone NOT NULL,
    state text NOT NULL
);



CREATE TABLE edits (
    id integer NOT NULL,
    entry text NOT NULL,
    made timestamp with time zone NOT NULL,
    author text NOT NULL,
    file text NOT NULL,
    before text,
    after text
);



CREATE SEQUENCE edits_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE edits_id_seq OWNED BY edits.id;



CREATE TABLE feedback (
    entry text NOT NULL,
    person text NOT NULL,
    value smallint NOT NULL,
    given timestamp with time zone NOT NULL
);



CREATE TABLE forgotten (
    person text NOT NULL,
    since timestamp with time zone NOT NULL
);



CREATE TABLE hushes (
    room text NOT NULL,
    until timestamp with time zone NOT NULL
);



CREATE TABLE journal (
    id integer NOT NULL,
    channel text NOT NULL,
    event text NOT NULL,
    room text NOT NULL,
    kind text NOT NULL,
    relates_to text,
    person text,
    sender text,
    content text,
    sent timestamp with time zone NOT NULL,
    received timestamp with time zone NOT NULL,
    addressed boolean NOT NULL,
    due_at timestamp with time zone,
    done_at timestamp with time zone,
    reason text,
    tries smallint DEFAULT '0'::smallint NOT NULL
);



CREATE SEQUENCE journal_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE journal_id_seq OWNED BY journal.id;



CREATE TABLE links (
    url text NOT NULL,
    state text NOT NULL,
    detail text NOT NULL,
    checked timestamp with time zone NOT NULL,
    moved_to text,
    right_last timestamp with time zone,
    dead_since timestamp with time zone,
    dead_last timestamp with time zone,
    dead_times integer NOT NULL
);



CREATE TABLE memory (
    name text NOT NULL,
    value text NOT NULL
);



CREATE TABLE outbox (
    id integer NOT NULL,
    channel text NOT NULL,
    room text NOT NULL,
    transaction_id text NOT NULL,
    priority smallint NOT NULL,
    purpose text NOT NULL,
    entries text NOT NULL,
    answered text NOT NULL,
    question text,
    asker text,
    overheard boolean NOT NULL,
    replaces text,
    outgoing text,
    made timestamp with time zone NOT NULL,
    not_before timestamp with time zone,
    begun timestamp with time zone,
    attempts integer NOT NULL,
    closed timestamp with time zone,
    reason text,
    event text,
    removed boolean NOT NULL,
    login text,
    number integer,
    private boolean,
    relays text
);



CREATE SEQUENCE outbox_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE outbox_id_seq OWNED BY outbox.id;



CREATE TABLE positions (
    channel text NOT NULL,
    "position" text NOT NULL
);



CREATE TABLE questions (
    number integer NOT NULL,
    opened timestamp with time zone NOT NULL,
    closed timestamp with time zone,
    entry text
);



CREATE TABLE sessions (
    number integer NOT NULL,
    link text NOT NULL,
    cookie text,
    channel text NOT NULL,
    "user" text NOT NULL,
    name text NOT NULL,
    room text NOT NULL,
    made timestamp with time zone NOT NULL,
    opened timestamp with time zone,
    used timestamp with time zone
);



ALTER TABLE ONLY askings ALTER COLUMN id SET DEFAULT nextval('askings_id_seq'::regclass);



ALTER TABLE ONLY candidates ALTER COLUMN id SET DEFAULT nextval('candidates_id_seq'::regclass);



ALTER TABLE ONLY edits ALTER COLUMN id SET DEFAULT nextval('edits_id_seq'::regclass);



ALTER TABLE ONLY journal ALTER COLUMN id SET DEFAULT nextval('journal_id_seq'::regclass);



ALTER TABLE ONLY outbox ALTER COLUMN id SET DEFAULT nextval('outbox_id_seq'::regclass);



INSERT INTO alembic_version VALUES ('0011');



INSERT INTO askings VALUES (1, 1, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '$QYbqgYNlr9jUMHIJRKwi347OySBUokFc3zbsGFWkVfw', '554a8d9fbb14c93460bdf1de7786142a9873fa3c7d8a8e29d86610651edee665', 'comment réparer une imprimante Prusa qui fume ?', '2026-12-01 06:48:59.903+00', false, NULL);
INSERT INTO askings VALUES (2, 2, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '$OzPHKRXvnxdqiLd1I8l20wLSJGitOIKAlB9so7VgG0k', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', 'où est rangé le tournevis cruciforme ?', '2026-12-01 06:49:00.904+00', false, NULL);
INSERT INTO askings VALUES (3, 3, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '$xseH_-GbbumOUyJRYj2z12tbV2W_tALFKGN34EGqe_M', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', 'qui arrose les tomates du toit ?', '2026-12-01 06:49:01.857+00', false, NULL);
INSERT INTO askings VALUES (4, 2, 'discourse', 'topic/9', '9/1', 'ddcb78a9c475311739bcdab41e66bb8dc13190a83dd20367c49aa0fddb9116ab', 'Le tournevis, on se le demande

où est rangé le tournevis cruciforme ?', '2026-12-01 06:49:05.936+00', false, NULL);






INSERT INTO drafts VALUES (4, 'add', 3, '{"kind": "add", "id": "qui-arrose-les-tomates-du-toit", "entry": {"id": "qui-arrose-les-tomates-du-toit", "title": "Qui arrose les tomates du toit ?", "questions": ["qui arrose les tomates du toit ?"], "answer": "Dans le tiroir du bas, à l''accueil.", "updated": "2026-12-01", "source": "réponse de l’équipe de modération, 1er décembre 2026, https://matrix.to/#/!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0/$FsnQ5sEmC-hDVD5JeKexS0HcXq-NMjMOCxdTbJtYFT4?via=localhost"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null, "informed": [3], "restores": false}', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', '2026-12-01 06:49:03.086382+00', 'open');
INSERT INTO drafts VALUES (5, 'add', NULL, '{"kind": "add", "id": "emprunter-la-malle-robotique", "entry": {"id": "emprunter-la-malle-robotique", "title": "Emprunter la malle robotique", "questions": ["Emprunter la malle robotique"], "answer": "Inscrivez-vous sur le planning.", "links": [{"title": "malle.example", "url": "https://malle.example/"}], "updated": "2026-12-01"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null, "informed": [], "restores": false}', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', '2026-12-01 06:49:03.516677+00', 'open');
INSERT INTO drafts VALUES (6, 'phrase', NULL, '', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', '2026-12-01 06:49:04.024645+00', 'done');



INSERT INTO edits VALUES (1, 'fiche-de-poste', '2026-12-01 06:49:04.462798+00', 'sacha-r1', 'formations.yaml', '{"id": "fiche-de-poste", "title": "Mod\u00e8les de fiche de poste", "questions": ["O\u00f9 trouver une fiche de poste ?", "un modele de fiche de poste svp"], "links": [{"title": "Le mod\u00e8le", "url": "https://fiche.example/"}]}', '{"id": "fiche-de-poste", "title": "Mod\u00e8les de fiche de poste", "questions": ["O\u00f9 trouver une fiche de poste ?", "un modele de fiche de poste svp", "qui a un mod\u00e8le de fiche de poste"], "links": [{"title": "Le mod\u00e8le", "url": "https://fiche.example/"}]}');



INSERT INTO feedback VALUES ('formation-facilitation', '554a8d9fbb14c93460bdf1de7786142a9873fa3c7d8a8e29d86610651edee665', 1, '2026-12-01 06:48:59.526839+00');



INSERT INTO forgotten VALUES ('d3f53ad69e6bd4f848f02556199a46dd138995b074af42e6a7cb890ca48c8a81', '2026-12-01 06:49:00.719726+00');



INSERT INTO hushes VALUES ('!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '2026-12-01 08:49:04.849394+00');



INSERT INTO journal VALUES (1, 'matrix', '$Y-0uHfRmq3Zc_Tw19tsaJscwDiUPGuz3nbQJiWwx-aA', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'joined', NULL, 'e7b8f7a8336713e0f0e3bd2313f4b727d057c4cad06706fe030c8a63928f13bc', NULL, NULL, '2026-12-01 06:48:58.132+00', '2026-12-01 06:48:58.490694+00', false, NULL, '2026-12-01 06:48:58.57337+00', 'introduction', 0);
INSERT INTO journal VALUES (2, 'matrix', '$Vx-QUp2rfskpxpzwmLzfbo-fmoa9jt32qDeW1pAicq8', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:48:58.739+00', '2026-12-01 06:48:59.009897+00', true, NULL, '2026-12-01 06:48:59.078671+00', '0.99 ≥ 0.90', 0);
INSERT INTO journal VALUES (3, 'matrix', '$PHNYrRjO3b5Wb7ur8MHQxAbhBPxwsRvM9gpNAB5YBp8', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'reaction', '$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g', '554a8d9fbb14c93460bdf1de7786142a9873fa3c7d8a8e29d86610651edee665', NULL, NULL, '2026-12-01 06:48:59.197+00', '2026-12-01 06:48:59.488735+00', false, NULL, '2026-12-01 06:48:59.526839+00', 'liked', 0);
INSERT INTO journal VALUES (4, 'matrix', '$mA1EodWh2PZLDI4XZh2RzdQSRNurYbUCRcWj3Inhb7A', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:48:59.24+00', '2026-12-01 06:48:59.488753+00', true, NULL, '2026-12-01 06:48:59.537097+00', '0.62 < 0.90', 0);
INSERT INTO journal VALUES (5, 'matrix', '$QYbqgYNlr9jUMHIJRKwi347OySBUokFc3zbsGFWkVfw', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '554a8d9fbb14c93460bdf1de7786142a9873fa3c7d8a8e29d86610651edee665', NULL, NULL, '2026-12-01 06:48:59.903+00', '2026-12-01 06:49:00.001056+00', true, NULL, '2026-12-01 06:49:00.0475+00', '0.28 < 0.50', 0);
INSERT INTO journal VALUES (6, 'matrix', '$k0FSIY5R7ZCEaGw_sbT0k4DHf-nqC7szi3rcMnTfrOk', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, 'd3f53ad69e6bd4f848f02556199a46dd138995b074af42e6a7cb890ca48c8a81', NULL, NULL, '2026-12-01 06:49:00.474+00', '2026-12-01 06:49:00.690228+00', true, NULL, '2026-12-01 06:49:00.719726+00', 'command oublie-moi', 0);
INSERT INTO journal VALUES (7, 'matrix', '$OzPHKRXvnxdqiLd1I8l20wLSJGitOIKAlB9so7VgG0k', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:49:00.904+00', '2026-12-01 06:49:01.172929+00', true, NULL, '2026-12-01 06:49:01.206586+00', '0.09 < 0.50', 0);
INSERT INTO journal VALUES (8, 'matrix', '$8HmcKc1bkofGxkrHE-U0NZjgrZ2HCvsBXvOpEo_fHM4', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', '$OzPHKRXvnxdqiLd1I8l20wLSJGitOIKAlB9so7VgG0k', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:01.46+00', '2026-12-01 06:49:01.720788+00', false, NULL, '2026-12-01 06:49:01.769799+00', 'an answer that can be kept', 0);
INSERT INTO journal VALUES (9, 'matrix', '$xseH_-GbbumOUyJRYj2z12tbV2W_tALFKGN34EGqe_M', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:49:01.857+00', '2026-12-01 06:49:02.10745+00', true, NULL, '2026-12-01 06:49:02.16691+00', '0.11 < 0.50', 0);
INSERT INTO journal VALUES (10, 'matrix', '$FsnQ5sEmC-hDVD5JeKexS0HcXq-NMjMOCxdTbJtYFT4', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', '$xseH_-GbbumOUyJRYj2z12tbV2W_tALFKGN34EGqe_M', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:02.27+00', '2026-12-01 06:49:02.562993+00', false, NULL, '2026-12-01 06:49:02.610002+00', 'an answer that can be kept', 0);
INSERT INTO journal VALUES (11, 'matrix', '$m9VJNenBk17l1B1YrgHYStluvEe2xYDHooXzforKvgs', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'reaction', '$FsnQ5sEmC-hDVD5JeKexS0HcXq-NMjMOCxdTbJtYFT4', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:02.744+00', '2026-12-01 06:49:03.00098+00', true, NULL, '2026-12-01 06:49:03.087272+00', 'a draft', 0);
INSERT INTO journal VALUES (12, 'matrix', '$0Peyjrrn6mhb93nUlbRLSUTZHTJXWEYt6xZyCWIiyHc', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'message', NULL, '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:03.284+00', '2026-12-01 06:49:03.453108+00', true, NULL, '2026-12-01 06:49:03.517605+00', 'a draft', 0);
INSERT INTO journal VALUES (13, 'matrix', '$z6ViH8mdMoRkdC-YHlNkG2Z6SGrwRQPIChbp0ZOFTC0', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'message', NULL, '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:03.862+00', '2026-12-01 06:49:03.973871+00', true, NULL, '2026-12-01 06:49:04.02504+00', 'a draft', 0);
INSERT INTO journal VALUES (14, 'matrix', '$3MHZEA8KJkisi13S1mRwEha13kH0Gq-S2AfywpcphgE', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'reaction', '$V8PeMSpsWmtVaOqR8u4O6-8xWQbADJfsc4YczYRzths', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:04.179+00', '2026-12-01 06:49:04.413959+00', false, NULL, '2026-12-01 06:49:04.463061+00', 'knowledge changed', 0);
INSERT INTO journal VALUES (15, 'matrix', '$dcW6q086SfjaEQLBsquloocZubM8Gim9mn8gSCp2wpk', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'message', NULL, '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', NULL, NULL, '2026-12-01 06:49:04.544+00', '2026-12-01 06:49:04.812802+00', true, NULL, '2026-12-01 06:49:04.849662+00', 'command silence', 0);
INSERT INTO journal VALUES (16, 'matrix', '$l0If5KCqcT-2_jftwjDgE2aLeNv5Jh1I0qvJF0t_JAc', '!9N66g83Q074vX-ELXI8h3EbZdBT6eRWOfssqsuVehHU', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:49:05.115+00', '2026-12-01 06:49:05.458864+00', true, NULL, '2026-12-01 06:49:05.747033+00', '0.11 < 0.50', 0);
INSERT INTO journal VALUES (17, 'discourse', '8/1', 'topic/8', 'message', NULL, 'ddcb78a9c475311739bcdab41e66bb8dc13190a83dd20367c49aa0fddb9116ab', NULL, NULL, '2026-12-01 06:49:05.936+00', '2026-12-01 06:49:06.041451+00', true, NULL, '2026-12-01 06:49:06.084124+00', '0.98 ≥ 0.90', 0);
INSERT INTO journal VALUES (18, 'discourse', '9/1', 'topic/9', 'message', NULL, 'ddcb78a9c475311739bcdab41e66bb8dc13190a83dd20367c49aa0fddb9116ab', NULL, NULL, '2026-12-01 06:49:05.936+00', '2026-12-01 06:49:06.041464+00', true, NULL, '2026-12-01 06:49:06.088626+00', '0.14 < 0.50', 0);
INSERT INTO journal VALUES (21, 'matrix', '$cil0I8aHx3LSP7_IXFDj-y9Wn7pwCcMsoSeWnVfI2M0', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', '@ana-r1:localhost', '{"content": {"body": "Comment accueillir un volontaire en service civique ?", "msgtype": "m.text"}, "event_id": "$cil0I8aHx3LSP7_IXFDj-y9Wn7pwCcMsoSeWnVfI2M0", "origin_server_ts": 1796107751894, "sender": "@ana-r1:localhost", "type": "m.room.message"}', '2026-12-01 06:49:11.894+00', '2026-12-01 06:49:12.644875+00', false, '2026-12-01 06:49:31.894+00', NULL, 'a person may reply first', 0);
INSERT INTO journal VALUES (22, 'matrix', '$dcJ0Gix8arEK7nh3SQYhVV32KIKVrP1NzNH01-tOdRs', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:49:12.048+00', '2026-12-01 06:49:12.644914+00', true, NULL, '2026-12-01 06:49:12.708732+00', '0.98 ≥ 0.90', 0);
INSERT INTO journal VALUES (23, 'matrix', '$sXilCCJOWjePXiFXuY00xC0pIkXANrzDK7WNvX8EKYI', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', NULL, NULL, '2026-12-01 06:49:12.857+00', '2026-12-01 06:49:13.186737+00', true, NULL, '2026-12-01 06:49:13.26197+00', '0.99 ≥ 0.90', 0);
INSERT INTO journal VALUES (24, 'matrix', '$7dyZny6wDnXTC_vuxAuVpD8cOv7nrbbdijcT_Tc_NCs', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'message', NULL, '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', '@ana-r1:localhost', '{"content": {"body": "concierge : où trouver une fiche de poste ?", "msgtype": "m.text"}, "event_id": "$7dyZny6wDnXTC_vuxAuVpD8cOv7nrbbdijcT_Tc_NCs", "origin_server_ts": 1796107753410, "sender": "@ana-r1:localhost", "type": "m.room.message"}', '2026-12-01 06:49:13.41+00', '2026-12-01 06:49:14.211059+00', false, NULL, NULL, NULL, 0);



INSERT INTO links VALUES ('http://site.example:36023/fine', 'right', '200', '2026-12-01 06:49:11.671299+00', NULL, '2026-12-01 06:49:11.671299+00', NULL, NULL, 0);
INSERT INTO links VALUES ('http://site.example:36023/gone', 'dead', '404', '2026-12-01 06:49:11.671299+00', NULL, NULL, '2026-12-01 06:49:11.671299+00', '2026-12-01 06:49:11.671299+00', 1);
INSERT INTO links VALUES ('https://civique.example/', 'unsure', 'ConnectError', '2026-12-01 06:49:11.671299+00', NULL, NULL, NULL, NULL, 0);



INSERT INTO memory VALUES ('store: salt', '47225788f713b3b77b8abcd62b539e5ebb89fe1696947b06e5b32ad5586d9793');
INSERT INTO memory VALUES ('matrix.session', '{"user": "@concierge-r1:localhost", "device": "XBXHUUCYAZ", "token": "syt_Y29uY2llcmdlLXIx_ElgrfnQyvTnTFvBBomkN_3esD3f"}');
INSERT INTO memory VALUES ('matrix.signing @concierge-r1:localhost', '5df6ef3032df2c15816688bb7a31b1a0d06f8b59256c8e5e6498d37bbb41bba9');
INSERT INTO memory VALUES ('matrix.rooms', '{"!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg"}');
INSERT INTO memory VALUES ('digest: begun', '2026-12-01T06:49:00.160910+00:00');
INSERT INTO memory VALUES ('store: number', '6');
INSERT INTO memory VALUES ('matrix.direct', '{"!9N66g83Q074vX-ELXI8h3EbZdBT6eRWOfssqsuVehHU": true}');
INSERT INTO memory VALUES ('topics seen', '[{"title": "Une formation, on se le demande", "url": "http://127.0.0.1:17456/t/-/8/1", "posted": "2026-12-01T06:49:05.936000+00:00"}]');
INSERT INTO memory VALUES ('digest: what stands', '{"digest 2026-W49 matrix !c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0": ["fe6739f5270962ff", 0, "2026-12-01T06:49:09.868894+00:00", []], "digest 2026-W49 discourse annonces": ["a75ca8a4054784d0", 0, "2026-12-01T06:49:09.868894+00:00", []], "digest 2026-W49 matrix work": ["9e722c3514695f82", 0, "2026-12-01T06:49:09.868894+00:00", []]}');
INSERT INTO memory VALUES ('discourse.watched', '{"8/1": {"post": 13, "digest": "1fecd551", "begun": 1796107746.103093, "answers": null, "looked": 1796107746.103093, "until": null}, "9/1": {"post": 14, "digest": "18ed4586", "begun": 1796107746.109812, "answers": null, "looked": 1796107746.109812, "until": null}, "8/2": {"post": 15, "digest": null, "begun": 1796107746.103093, "answers": "8/1", "looked": 1796107746.103093, "until": null}, "9/2": {"post": 17, "digest": null, "begun": 1796107746.109812, "answers": "9/1", "looked": 1796107746.109812, "until": null}, "14/1": {"post": 19, "digest": null, "begun": 1796107750.166387, "answers": "", "looked": 1796107750.166387, "until": null}}');
INSERT INTO memory VALUES ('links: next look', '2026-12-08T06:49:11.671299+00:00');
INSERT INTO memory VALUES ('digest: known entries', '{"formation-facilitation": ["931011e936ff22dd", null, null], "fiche-de-poste": ["d22828bd167c89f4", null, null], "service-civique": ["491c17eb98a10f66", null, null]}');



INSERT INTO outbox VALUES (8, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'f3d7a15c37ef4f446c892bdca74647ac', 2, 'mark', '[]', '[]', '$mA1EodWh2PZLDI4XZh2RzdQSRNurYbUCRcWj3Inhb7A', NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$5I1u_cbIs8s0r7eXHpSDUoLli4fl5K8skyBLMdCQwvI", "key": "\u274c"}]', '2026-12-01 06:48:59.649113+00', NULL, '2026-12-01 06:48:59.918008+00', 0, '2026-12-01 06:49:00.06124+00', NULL, '$FTiyjfW7CkyteVErNxdshXmRQBwBZBhuRhoNDLIcPdE', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (1, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'fda8192aedd50184bb4561084cb36f1f', 0, 'introduction', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:48:58.57337+00', NULL, '2026-12-01 06:48:58.592928+00', 0, '2026-12-01 06:48:58.700789+00', NULL, '$z9BTyrrHT_en9W9RciPT5tk0oleiR6GrW0r2VbIQuZk', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (5, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '068a1418a394c0f68f3089e6fc061732', 0, 'suggest', '["formation-facilitation", "fiche-de-poste"]', '[]', '$mA1EodWh2PZLDI4XZh2RzdQSRNurYbUCRcWj3Inhb7A', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, NULL, '2026-12-01 06:48:59.537097+00', NULL, '2026-12-01 06:48:59.542239+00', 0, '2026-12-01 06:48:59.649113+00', NULL, '$5I1u_cbIs8s0r7eXHpSDUoLli4fl5K8skyBLMdCQwvI', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (2, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '1b1e7302edf0f56654aa0ade4e9dbd2e', 0, 'answer', '["formation-facilitation"]', '[]', '$Vx-QUp2rfskpxpzwmLzfbo-fmoa9jt32qDeW1pAicq8', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, NULL, '2026-12-01 06:48:59.078671+00', NULL, '2026-12-01 06:48:59.090141+00', 0, '2026-12-01 06:48:59.177993+00', NULL, '$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (3, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '768006d27aa022337912611224d24a1d', 2, 'mark', '[]', '[]', '$Vx-QUp2rfskpxpzwmLzfbo-fmoa9jt32qDeW1pAicq8', NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g", "key": "\ud83d\udc4d"}]', '2026-12-01 06:48:59.177993+00', NULL, '2026-12-01 06:48:59.206669+00', 0, '2026-12-01 06:48:59.269305+00', NULL, '$jQYrBeyIQ4BgJLgzfNZPH5pCLdqlX7BKe9eipxdMI-0', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (4, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '6508c8c3ae08e9ebbe3a439c18e691cf', 2, 'mark', '[]', '[]', '$Vx-QUp2rfskpxpzwmLzfbo-fmoa9jt32qDeW1pAicq8', NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g", "key": "\ud83d\udc4e"}]', '2026-12-01 06:48:59.177993+00', NULL, '2026-12-01 06:48:59.277668+00', 0, '2026-12-01 06:48:59.441214+00', NULL, '$xUisDmjsQVJTopf-_6Awmke-U9w43LYl3-0UHXrNy9k', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (6, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '7dd96022b40a2a5cc070b59c0714855d', 2, 'mark', '[]', '[]', '$mA1EodWh2PZLDI4XZh2RzdQSRNurYbUCRcWj3Inhb7A', NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$5I1u_cbIs8s0r7eXHpSDUoLli4fl5K8skyBLMdCQwvI", "key": "1\ufe0f\u20e3"}]', '2026-12-01 06:48:59.649113+00', NULL, '2026-12-01 06:48:59.667972+00', 0, '2026-12-01 06:48:59.762975+00', NULL, '$Q8n6jUhMnhNJlHXa-WWDWl4qxUROTe2o9ZUKuZe9soY', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (9, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'd7ac365c9aa84ee47b00171ea02590d8', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-12-01 06:49:00.0475+00', NULL, '2026-12-01 06:49:00.064141+00', 0, '2026-12-01 06:49:00.256276+00', NULL, '$py3uFWndXLdmDHiKujN4Zk6-KB3D8FoCKEoaF8ddUmQ', false, 'XBXHUUCYAZ', 1, false, NULL);
INSERT INTO outbox VALUES (7, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '526421089ad96be23c664f6fba894680', 2, 'mark', '[]', '[]', '$mA1EodWh2PZLDI4XZh2RzdQSRNurYbUCRcWj3Inhb7A', NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$5I1u_cbIs8s0r7eXHpSDUoLli4fl5K8skyBLMdCQwvI", "key": "2\ufe0f\u20e3"}]', '2026-12-01 06:48:59.649113+00', NULL, '2026-12-01 06:48:59.781045+00', 0, '2026-12-01 06:48:59.894437+00', NULL, '$ELO4E_h2WagHGGAXmP2b4i5O_WDINL0ePsJTflpY-Rk', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (13, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'fe117f010a51c33405a16b72e143c9bd', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-12-01 06:49:01.206586+00', NULL, '2026-12-01 06:49:01.21444+00', 0, '2026-12-01 06:49:01.369561+00', NULL, '$SAuTN1RXxZX4gA_Jy0wkU3_ZsBZPp9VfeJrrWSlAvf0', false, 'XBXHUUCYAZ', 2, false, NULL);
INSERT INTO outbox VALUES (10, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '89bb81fb8fb4bc9c453edb78c69b0da8', 0, 'unknown', '[]', '[]', '$QYbqgYNlr9jUMHIJRKwi347OySBUokFc3zbsGFWkVfw', '554a8d9fbb14c93460bdf1de7786142a9873fa3c7d8a8e29d86610651edee665', false, NULL, NULL, '2026-12-01 06:49:00.0475+00', NULL, '2026-12-01 06:49:00.064082+00', 0, '2026-12-01 06:49:00.182056+00', NULL, '$D1lmWjYc0MqxirVDRAdHo8omcqSF_nI7DKlJ8hrfZIs', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (11, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'a040e4c83afbebd0a7c39a9dbb743bf4', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$py3uFWndXLdmDHiKujN4Zk6-KB3D8FoCKEoaF8ddUmQ", "key": "\u274c"}]', '2026-12-01 06:49:00.256276+00', NULL, '2026-12-01 06:49:00.269266+00', 0, '2026-12-01 06:49:00.391219+00', NULL, '$ECw0MwUPkJ8iH1hvhCpCMOuXvhVIhcbkZHR545ZQ968', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (12, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'bb4e06d06d45cb0b03574fd2b989b9a2', 0, 'command', '[]', '[]', '$k0FSIY5R7ZCEaGw_sbT0k4DHf-nqC7szi3rcMnTfrOk', 'd3f53ad69e6bd4f848f02556199a46dd138995b074af42e6a7cb890ca48c8a81', false, NULL, NULL, '2026-12-01 06:49:00.719726+00', NULL, '2026-12-01 06:49:00.729615+00', 0, '2026-12-01 06:49:00.872172+00', NULL, '$p6VPODM_-iM-dEUuF1zPXFcfFhrOSwkjiHl1pvVWpgc', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (18, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'fc0173bbf729c76b757edf6b4286983a', 0, 'unknown', '[]', '[]', '$xseH_-GbbumOUyJRYj2z12tbV2W_tALFKGN34EGqe_M', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, NULL, '2026-12-01 06:49:02.16691+00', NULL, '2026-12-01 06:49:02.187749+00', 0, '2026-12-01 06:49:02.239254+00', NULL, '$XJy3Mrk8uCyiZYhGOw3UA16LSp9iYDTMKVMxJva5_I8', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (17, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'fe13f5aedea7f15fdfba2ab21b4d74b1', 1, 'asked', '[]', '[]', NULL, NULL, true, NULL, NULL, '2026-12-01 06:49:02.16691+00', NULL, '2026-12-01 06:49:02.187799+00', 0, '2026-12-01 06:49:02.26766+00', NULL, '$3BWkx7IWOkw_ifieu4IQMo447qRjFF1KKjRW5RDNdI0', false, 'XBXHUUCYAZ', 3, false, NULL);
INSERT INTO outbox VALUES (14, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '91a2a2b885ba6a893a881de472eec239', 0, 'unknown', '[]', '[]', '$OzPHKRXvnxdqiLd1I8l20wLSJGitOIKAlB9so7VgG0k', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, NULL, '2026-12-01 06:49:01.206586+00', NULL, '2026-12-01 06:49:01.214407+00', 0, '2026-12-01 06:49:01.384433+00', NULL, '$kY7FPwyDXz36Vw9-My4TQKFsbALhNZy2vQ5GqONkqpY', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (15, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '3112042798e280b41356f70c724a6b7f', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$SAuTN1RXxZX4gA_Jy0wkU3_ZsBZPp9VfeJrrWSlAvf0", "key": "\u274c"}]', '2026-12-01 06:49:01.369561+00', NULL, '2026-12-01 06:49:01.376852+00', 0, '2026-12-01 06:49:01.53109+00', NULL, '$LL0vEedbdYri09EXhWiKBAV_8J__RrchsgHkPEbSHZo', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (16, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'c0ad2fbfe8e4ed3b8511bdcda3c1c027', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$8HmcKc1bkofGxkrHE-U0NZjgrZ2HCvsBXvOpEo_fHM4", "key": "\ud83d\udcdd"}]', '2026-12-01 06:49:01.769799+00', NULL, '2026-12-01 06:49:01.775289+00', 0, '2026-12-01 06:49:01.825788+00', NULL, '$YrG7YCJJWx7L3lUfpkT_KHSpY--LLfY4f1ENPuzvM98', false, 'XBXHUUCYAZ', 2, false, NULL);
INSERT INTO outbox VALUES (25, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'c76e6886ad1fdbdd57eae57c758ad512', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$jU3SSmSzf6NshaLHuoMd0P3_uuQWnxx10VRhkuYE318", "key": "\u2705"}]', '2026-12-01 06:49:03.655728+00', NULL, '2026-12-01 06:49:03.683476+00', 0, '2026-12-01 06:49:03.767746+00', NULL, '$pPsU2vFsg0eVu7B2Uw57gHeqk5tZdr--EUBcGXQP9ek', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (21, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '050fb99acc89c8da3856c60a5b891778', 0, 'draft', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:03.087272+00', NULL, '2026-12-01 06:49:03.110186+00', 0, '2026-12-01 06:49:03.169501+00', NULL, '$GoxtJvWBw-UyIFDn_5fjqcNVUIMjRNZK4TF4pWXE244', false, 'XBXHUUCYAZ', 4, false, NULL);
INSERT INTO outbox VALUES (19, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'be95418466f577ed234e2ff36c931a9d', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$3BWkx7IWOkw_ifieu4IQMo447qRjFF1KKjRW5RDNdI0", "key": "\u274c"}]', '2026-12-01 06:49:02.26766+00', NULL, '2026-12-01 06:49:02.29277+00', 0, '2026-12-01 06:49:02.443139+00', NULL, '$6c1hwRU-Ntpw5rCLt61ZH28kKdNuZZzjulh7_nhN6GM', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (20, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'bca5f4d6e9d417a0ede9aaf9bd3999f5', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "target": "$FsnQ5sEmC-hDVD5JeKexS0HcXq-NMjMOCxdTbJtYFT4", "key": "\ud83d\udcdd"}]', '2026-12-01 06:49:02.610002+00', NULL, '2026-12-01 06:49:02.618522+00', 0, '2026-12-01 06:49:02.71243+00', NULL, '$w4WeF6U8ZzotplH3XexIpe4peV5m6azcdapCPbUWz94', false, 'XBXHUUCYAZ', 3, false, NULL);
INSERT INTO outbox VALUES (22, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'bb98c0c99846419650e9b022866dcc26', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$GoxtJvWBw-UyIFDn_5fjqcNVUIMjRNZK4TF4pWXE244", "key": "\u2705"}]', '2026-12-01 06:49:03.169501+00', NULL, '2026-12-01 06:49:03.193531+00', 0, '2026-12-01 06:49:03.236728+00', NULL, '$CBwDn9lOvJk4PRZj8BMeQqx-2kzs74EZNBV63zBHE8k', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (24, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '4c0abdaf9ea24ab79ae397263f3789b7', 0, 'draft', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:03.517605+00', NULL, '2026-12-01 06:49:03.532949+00', 0, '2026-12-01 06:49:03.655728+00', NULL, '$jU3SSmSzf6NshaLHuoMd0P3_uuQWnxx10VRhkuYE318', false, 'XBXHUUCYAZ', 5, false, NULL);
INSERT INTO outbox VALUES (23, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'a381bc77c3fc556cd1cc5b7872c91ba4', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$GoxtJvWBw-UyIFDn_5fjqcNVUIMjRNZK4TF4pWXE244", "key": "\u274c"}]', '2026-12-01 06:49:03.169501+00', NULL, '2026-12-01 06:49:03.246988+00', 0, '2026-12-01 06:49:03.285052+00', NULL, '$ab-yd1JS7qfqd53z2DsSvph5aD7Ekmq4rfX2pK_7uqM', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (27, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '9b08a0db45c67169a185808ab9d3ab3b', 0, 'draft', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:04.02504+00', NULL, '2026-12-01 06:49:04.031375+00', 0, '2026-12-01 06:49:04.129445+00', NULL, '$V8PeMSpsWmtVaOqR8u4O6-8xWQbADJfsc4YczYRzths', false, 'XBXHUUCYAZ', 6, false, NULL);
INSERT INTO outbox VALUES (26, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '4da7965b68baa15cfa09c4c6ed314353', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$jU3SSmSzf6NshaLHuoMd0P3_uuQWnxx10VRhkuYE318", "key": "\u274c"}]', '2026-12-01 06:49:03.655728+00', NULL, '2026-12-01 06:49:03.773459+00', 0, '2026-12-01 06:49:03.838708+00', NULL, '$Anr8jJ0nyBHV_NX1piYXPV5D2LfPc_G4AWZkH8iaHTg', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (28, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '9d32da28584f72a457dc5518b5170ec5', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$V8PeMSpsWmtVaOqR8u4O6-8xWQbADJfsc4YczYRzths", "key": "\u2705"}]', '2026-12-01 06:49:04.129445+00', NULL, '2026-12-01 06:49:04.141988+00', 0, '2026-12-01 06:49:04.238752+00', NULL, '$1P4sQpXgfazOp4eV-RDUG3BqLPTBcD_XN9MlBNYrcpE', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (29, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'dc2008c1e3ca88280b90161223293c2d', 2, 'mark', '[]', '[]', NULL, NULL, false, NULL, '["mark", {"room": "!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg", "target": "$V8PeMSpsWmtVaOqR8u4O6-8xWQbADJfsc4YczYRzths", "key": "\u274c"}]', '2026-12-01 06:49:04.129445+00', NULL, '2026-12-01 06:49:04.249489+00', 0, '2026-12-01 06:49:04.347989+00', NULL, '$1o1KJIZlwP2fpJMf93HyLDr3TRZh6OUEoRCrau_MT3s', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (30, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', 'b1de8c3dcb40d30cea68d0af1b6deac4', 0, 'command', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:04.463061+00', NULL, '2026-12-01 06:49:04.470662+00', 0, '2026-12-01 06:49:04.518489+00', NULL, '$vpls7u1vsk5g8Js0bohrxiMO_HQW-lOoET7w_XzFapo', false, 'XBXHUUCYAZ', 6, false, NULL);
INSERT INTO outbox VALUES (31, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '95285af62ed4b7f1e24ee222e5c5cb20', 0, 'command', '[]', '[]', '$dcW6q086SfjaEQLBsquloocZubM8Gim9mn8gSCp2wpk', '55be52d2d9a8957c8d2369b88a5023cdf0b2c6f9500ee3894dbb8e3705352c4b', false, NULL, NULL, '2026-12-01 06:49:04.849662+00', NULL, '2026-12-01 06:49:04.862001+00', 0, '2026-12-01 06:49:04.903296+00', NULL, '$IcOPvghJvs_HDpC-_o4HsLAv_REUllaqgMoMpdtEfG4', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (32, 'matrix', '!9N66g83Q074vX-ELXI8h3EbZdBT6eRWOfssqsuVehHU', 'df7cfb415d017c489bc0c1a05f1a3f59', 0, 'unknown', '[]', '[]', '$l0If5KCqcT-2_jftwjDgE2aLeNv5Jh1I0qvJF0t_JAc', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, NULL, '2026-12-01 06:49:05.747033+00', NULL, '2026-12-01 06:49:05.751861+00', 0, '2026-12-01 06:49:05.840085+00', NULL, '$phQD4C-gXAwnzOmtTlY2Ym7R_O7yH9JtHElx1lCbqAU', false, 'XBXHUUCYAZ', NULL, true, NULL);
INSERT INTO outbox VALUES (33, 'matrix', '!9N66g83Q074vX-ELXI8h3EbZdBT6eRWOfssqsuVehHU', '6e92965e85a57e0a3b252caa6143e78d', 2, 'mark', '[]', '[]', '$l0If5KCqcT-2_jftwjDgE2aLeNv5Jh1I0qvJF0t_JAc', NULL, false, NULL, '["mark", {"room": "!9N66g83Q074vX-ELXI8h3EbZdBT6eRWOfssqsuVehHU", "target": "$phQD4C-gXAwnzOmtTlY2Ym7R_O7yH9JtHElx1lCbqAU", "key": "\u2705"}]', '2026-12-01 06:49:05.840085+00', NULL, '2026-12-01 06:49:05.847919+00', 0, '2026-12-01 06:49:05.929092+00', NULL, '$kkWaz3eN9FOSmuYtvbhdxzXfRCvDaZsvRPSnmGHSEBc', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (34, 'discourse', 'topic/8', '7519eaccbff44a5ed8e07acbd03da459', 0, 'answer', '["formation-facilitation"]', '[]', '8/1', 'ddcb78a9c475311739bcdab41e66bb8dc13190a83dd20367c49aa0fddb9116ab', false, NULL, NULL, '2026-12-01 06:49:06.084124+00', NULL, '2026-12-01 06:49:06.089987+00', 0, '2026-12-01 06:49:06.109014+00', NULL, '8/2', false, 'ee867b2582bc0642', NULL, false, NULL);
INSERT INTO outbox VALUES (35, 'discourse', 'topic/9', 'f1a422cd6a161cd2fe87c0a55b0c4524', 0, 'unknown', '[]', '[]', '9/1', 'ddcb78a9c475311739bcdab41e66bb8dc13190a83dd20367c49aa0fddb9116ab', false, NULL, NULL, '2026-12-01 06:49:06.088626+00', NULL, '2026-12-01 06:49:06.1028+00', 0, '2026-12-01 06:49:06.115815+00', NULL, '9/2', false, '57f41922d9e8c5d7', NULL, false, NULL);
INSERT INTO outbox VALUES (40, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '52792861fcf4f051b74cc2c6db822f26', 0, 'short', '["formation-facilitation"]', '[]', '$sXilCCJOWjePXiFXuY00xC0pIkXANrzDK7WNvX8EKYI', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, '["reply", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0/$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g?via=localhost)", "to": "$sXilCCJOWjePXiFXuY00xC0pIkXANrzDK7WNvX8EKYI", "thread": null, "quiet": false, "mentions": [], "replaces": null, "choices": [], "title": null}]', '2026-12-01 06:49:13.26197+00', NULL, NULL, 0, NULL, NULL, NULL, false, NULL, NULL, false, NULL);
INSERT INTO outbox VALUES (37, 'discourse', 'category/annonces', '972512394bfe033afb12d870e9540917', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:09.868894+00', NULL, '2026-12-01 06:49:10.148575+00', 0, '2026-12-01 06:49:10.170848+00', NULL, '14/1', false, '7ff1326d7c10ab1d', NULL, false, NULL);
INSERT INTO outbox VALUES (36, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', 'e76faabcc714a81d5cfce574aec5b187', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:09.868894+00', NULL, '2026-12-01 06:49:10.148722+00', 0, '2026-12-01 06:49:10.256751+00', NULL, '$BVNALZY-V-OmRUZs3z7kr0q186_aEI549OHVmlFGmx4', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (38, 'matrix', '!2MZQkgKDuNaLNeUTDdrfjugWpOGQ_pAob34HHUX9jsg', '41251aa5358b2ae6615bf0b33655662f', 0, 'digest', '[]', '[]', NULL, NULL, false, NULL, NULL, '2026-12-01 06:49:09.868894+00', NULL, '2026-12-01 06:49:10.148744+00', 0, '2026-12-01 06:49:10.27165+00', NULL, '$JkDYX2R4iSWlGyUJV6h52JbwO-EOgv0XKOKSW9kZTmU', false, 'XBXHUUCYAZ', NULL, false, NULL);
INSERT INTO outbox VALUES (39, 'matrix', '!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0', '7c23c264453cf3f7a545b0a01e5930b6', 0, 'short', '["formation-facilitation"]', '[]', '$dcJ0Gix8arEK7nh3SQYhVV32KIKVrP1NzNH01-tOdRs', '97f2bdae0c93ea41e59b7651e3e6fae1458aaac1e5b9ac0a224186fa44e786a9', false, NULL, '["reply", {"room": "!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!c1MSGDmeGbW_0S21uyJtstwEHSuNEOm1emgRN2Lnto0/$BU-PMWAQgnCS_G_wM4rHCRwbwxAIo4nJQVCwhwju10g?via=localhost)", "to": "$dcJ0Gix8arEK7nh3SQYhVV32KIKVrP1NzNH01-tOdRs", "thread": null, "quiet": false, "mentions": [], "replaces": null, "choices": [], "title": null}]', '2026-12-01 06:49:12.708732+00', '2026-12-01 06:49:15.196722+00', '2026-12-01 06:49:12.724263+00', 2, NULL, NULL, NULL, false, 'XBXHUUCYAZ', NULL, false, NULL);



INSERT INTO positions VALUES ('discourse', '{"floor": 0, "post": 19, "private": 0, "notification": 22, "begun": null, "looked": "2026-12-01T06:49:13.100565+00:00"}');
INSERT INTO positions VALUES ('matrix', 's79_1_0_1_1_1_1_12_0_1_1_1_1_1');



INSERT INTO questions VALUES (1, '2026-12-01 06:49:00.0475+00', NULL, NULL);
INSERT INTO questions VALUES (2, '2026-12-01 06:49:01.206586+00', NULL, NULL);
INSERT INTO questions VALUES (3, '2026-12-01 06:49:02.16691+00', NULL, NULL);






SELECT pg_catalog.setval('askings_id_seq', 4, true);



SELECT pg_catalog.setval('candidates_id_seq', 1, false);



SELECT pg_catalog.setval('edits_id_seq', 1, true);



SELECT pg_catalog.setval('journal_id_seq', 24, true);



SELECT pg_catalog.setval('outbox_id_seq', 40, true);



ALTER TABLE ONLY alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);



ALTER TABLE ONLY askings
    ADD CONSTRAINT askings_event UNIQUE (channel, event);



ALTER TABLE ONLY askings
    ADD CONSTRAINT askings_pkey PRIMARY KEY (id);



ALTER TABLE ONLY candidates
    ADD CONSTRAINT candidates_event UNIQUE (channel, event, entry);



ALTER TABLE ONLY candidates
    ADD CONSTRAINT candidates_pkey PRIMARY KEY (id);



ALTER TABLE ONLY drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (number);



ALTER TABLE ONLY edits
    ADD CONSTRAINT edits_pkey PRIMARY KEY (id);



ALTER TABLE ONLY feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (entry, person);



ALTER TABLE ONLY forgotten
    ADD CONSTRAINT forgotten_pkey PRIMARY KEY (person);



ALTER TABLE ONLY hushes
    ADD CONSTRAINT hushes_pkey PRIMARY KEY (room);



ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_event UNIQUE (channel, event);



ALTER TABLE ONLY journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (id);



ALTER TABLE ONLY links
    ADD CONSTRAINT links_pkey PRIMARY KEY (url);



ALTER TABLE ONLY memory
    ADD CONSTRAINT memory_pkey PRIMARY KEY (name);



ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);



ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_transaction UNIQUE (transaction_id);



ALTER TABLE ONLY positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (channel);



ALTER TABLE ONLY questions
    ADD CONSTRAINT questions_pkey PRIMARY KEY (number);



ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_cookie UNIQUE (cookie);



ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_link UNIQUE (link);



ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (number);



CREATE INDEX askings_question ON askings USING btree (question);



CREATE INDEX drafts_question ON drafts USING btree (question);



CREATE INDEX edits_entry ON edits USING btree (entry);



CREATE INDEX journal_person ON journal USING btree (person, done_at);



CREATE INDEX journal_relates_to ON journal USING btree (relates_to);



CREATE INDEX journal_unfinished ON journal USING btree (id) WHERE (done_at IS NULL);



CREATE INDEX outbox_event ON outbox USING btree (event);



CREATE INDEX outbox_number ON outbox USING btree (number);



CREATE INDEX outbox_question ON outbox USING btree (question);



CREATE INDEX outbox_relays ON outbox USING btree (relays);



CREATE INDEX outbox_replaces ON outbox USING btree (replaces);



CREATE INDEX outbox_room ON outbox USING btree (room, made);



CREATE INDEX outbox_unsent ON outbox USING btree (channel, room, priority, id) WHERE (closed IS NULL);




