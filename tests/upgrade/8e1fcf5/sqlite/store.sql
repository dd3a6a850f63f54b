BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011');
CREATE TABLE askings (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	question INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	room TEXT NOT NULL, 
	event TEXT NOT NULL, 
	asker TEXT NOT NULL, 
	text TEXT NOT NULL, 
	asked DATETIME NOT NULL, 
	private BOOLEAN NOT NULL, 
	told DATETIME, 
	CONSTRAINT askings_event UNIQUE (channel, event)
);
INSERT INTO "askings" VALUES(1,1,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','$gz1Lr33hVBmGo1zPwrOAdw4nHUMzfa2hXvp4fs_iges','9353b37088253a13c08845bd64d6839e190c371e24a8d86b1ddee28d3196a02e','comment réparer une imprimante Prusa qui fume ?','2026-12-01 06:48:24.812000',0,NULL);
INSERT INTO "askings" VALUES(2,2,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','$pflMGk34AM5icwnkFGbWLH_Dy2s-g86Du-r9rWJleTY','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60','où est rangé le tournevis cruciforme ?','2026-12-01 06:48:26.059000',0,NULL);
INSERT INTO "askings" VALUES(3,3,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','$wuJmyEpftvgI_vcYCILkzeAzL7wyZUw0ZsrYEWdlAJU','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60','qui arrose les tomates du toit ?','2026-12-01 06:48:27.005000',0,NULL);
INSERT INTO "askings" VALUES(4,2,'discourse','topic/9','9/1','2cdabb51dbe65e18e0d2f7371e061edca598e547f337fbcf00b58d522fd654c3','Le tournevis, on se le demande

où est rangé le tournevis cruciforme ?','2026-12-01 06:48:31.606000',0,NULL);
CREATE TABLE candidates (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel TEXT NOT NULL, 
	room TEXT NOT NULL, 
	event TEXT NOT NULL, 
	entry TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	list INTEGER, 
	place SMALLINT, question TEXT, 
	CONSTRAINT candidates_event UNIQUE (channel, event, entry)
);
CREATE TABLE drafts (
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	question INTEGER, 
	content TEXT NOT NULL, 
	moderator TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "drafts" VALUES(4,'add',3,'{"kind": "add", "id": "qui-arrose-les-tomates-du-toit", "entry": {"id": "qui-arrose-les-tomates-du-toit", "title": "Qui arrose les tomates du toit ?", "questions": ["qui arrose les tomates du toit ?"], "answer": "Dans le tiroir du bas, à l''accueil.", "updated": "2026-12-01", "source": "réponse de l’équipe de modération, 1er décembre 2026, https://matrix.to/#/!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E/$1FYmLA4XJtKf8q2c-BhhKCLwnFnLJUZl3HMcGRUeDLo?via=localhost"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null, "informed": [3], "restores": false}','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40','2026-12-01 06:48:28.227720','open');
INSERT INTO "drafts" VALUES(5,'add',NULL,'{"kind": "add", "id": "emprunter-la-malle-robotique", "entry": {"id": "emprunter-la-malle-robotique", "title": "Emprunter la malle robotique", "questions": ["Emprunter la malle robotique"], "answer": "Inscrivez-vous sur le planning.", "links": [{"title": "malle.example", "url": "https://malle.example/"}], "updated": "2026-12-01"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null, "informed": [], "restores": false}','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40','2026-12-01 06:48:29.008244','open');
INSERT INTO "drafts" VALUES(6,'phrase',NULL,'','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40','2026-12-01 06:48:29.436791','done');
CREATE TABLE edits (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	entry TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	author TEXT NOT NULL, 
	file TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT
);
INSERT INTO "edits" VALUES(1,'fiche-de-poste','2026-12-01 06:48:29.889215','sacha-r1','formations.yaml','{"id": "fiche-de-poste", "title": "Mod\u00e8les de fiche de poste", "questions": ["O\u00f9 trouver une fiche de poste ?", "un modele de fiche de poste svp"], "links": [{"title": "Le mod\u00e8le", "url": "https://fiche.example/"}]}','{"id": "fiche-de-poste", "title": "Mod\u00e8les de fiche de poste", "questions": ["O\u00f9 trouver une fiche de poste ?", "un modele de fiche de poste svp", "qui a un mod\u00e8le de fiche de poste"], "links": [{"title": "Le mod\u00e8le", "url": "https://fiche.example/"}]}');
CREATE TABLE feedback (
	entry TEXT NOT NULL, 
	person TEXT NOT NULL, 
	value SMALLINT NOT NULL, 
	given DATETIME NOT NULL, 
	PRIMARY KEY (entry, person)
);
INSERT INTO "feedback" VALUES('formation-facilitation','9353b37088253a13c08845bd64d6839e190c371e24a8d86b1ddee28d3196a02e',1,'2026-12-01 06:48:24.426833');
CREATE TABLE forgotten (
	person TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (person)
);
INSERT INTO "forgotten" VALUES('e4642d24225ee47beb31468ebe834c72f3bf92dce09ea65ad2cae98e5bc888e5','2026-12-01 06:48:25.944812');
CREATE TABLE hushes (
	room TEXT NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (room)
);
INSERT INTO "hushes" VALUES('!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','2026-12-01 08:48:30.325069');
CREATE TABLE journal (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel TEXT NOT NULL, 
	event TEXT NOT NULL, 
	room TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	relates_to TEXT, 
	person TEXT, 
	sender TEXT, 
	content TEXT, 
	sent DATETIME NOT NULL, 
	received DATETIME NOT NULL, 
	addressed BOOLEAN NOT NULL, 
	due_at DATETIME, 
	done_at DATETIME, 
	reason TEXT, tries SMALLINT DEFAULT '0' NOT NULL, 
	CONSTRAINT journal_event UNIQUE (channel, event)
);
INSERT INTO "journal" VALUES(1,'matrix','$nY__ZAMbwpMGvxyLT_miFr5cdCuePsX070KR2YdvZxA','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','joined',NULL,'d2c8a1803ebbac6c9725ece330f7a9899702e5abb1be1b721eb41b24d7a66bb0',NULL,NULL,'2026-12-01 06:48:22.936000','2026-12-01 06:48:23.332731',0,NULL,'2026-12-01 06:48:23.440852','introduction',0);
INSERT INTO "journal" VALUES(2,'matrix','$JHXB6EWRKjU9YsBgn1xCFbC_LSuPN-cnbB4Iu5175H8','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:23.637000','2026-12-01 06:48:23.913004',1,NULL,'2026-12-01 06:48:23.955741','0.99 ≥ 0.90',0);
INSERT INTO "journal" VALUES(3,'matrix','$JHUS_w1bFDko70b1GaHgMj2GWMLen87hGlqObNqC-DA','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','reaction','$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE','9353b37088253a13c08845bd64d6839e190c371e24a8d86b1ddee28d3196a02e',NULL,NULL,'2026-12-01 06:48:24.088000','2026-12-01 06:48:24.350297',0,NULL,'2026-12-01 06:48:24.426833','liked',0);
INSERT INTO "journal" VALUES(4,'matrix','$9E-e6tY9QIyPBtQjzyQk64T6cf99qiP5EzbFW1uXI2E','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:24.162000','2026-12-01 06:48:24.350340',1,NULL,'2026-12-01 06:48:24.439961','0.62 < 0.90',0);
INSERT INTO "journal" VALUES(5,'matrix','$gz1Lr33hVBmGo1zPwrOAdw4nHUMzfa2hXvp4fs_iges','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'9353b37088253a13c08845bd64d6839e190c371e24a8d86b1ddee28d3196a02e',NULL,NULL,'2026-12-01 06:48:24.812000','2026-12-01 06:48:25.133839',1,NULL,'2026-12-01 06:48:25.198657','0.28 < 0.50',0);
INSERT INTO "journal" VALUES(6,'matrix','$TY6HBraYZ7PCA8hzKF6cbT7VDftL9yje32eaWvFg1EU','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'e4642d24225ee47beb31468ebe834c72f3bf92dce09ea65ad2cae98e5bc888e5',NULL,NULL,'2026-12-01 06:48:25.624000','2026-12-01 06:48:25.928137',1,NULL,'2026-12-01 06:48:25.944812','command oublie-moi',0);
INSERT INTO "journal" VALUES(7,'matrix','$pflMGk34AM5icwnkFGbWLH_Dy2s-g86Du-r9rWJleTY','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:26.059000','2026-12-01 06:48:26.328984',1,NULL,'2026-12-01 06:48:26.388156','0.09 < 0.50',0);
INSERT INTO "journal" VALUES(8,'matrix','$ezoDD0HYD4LWex-oUoCzFSFewyKCnvGTkTQqnRKpNIw','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message','$pflMGk34AM5icwnkFGbWLH_Dy2s-g86Du-r9rWJleTY','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:26.564000','2026-12-01 06:48:26.847464',0,NULL,'2026-12-01 06:48:26.894494','an answer that can be kept',0);
INSERT INTO "journal" VALUES(9,'matrix','$wuJmyEpftvgI_vcYCILkzeAzL7wyZUw0ZsrYEWdlAJU','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:27.005000','2026-12-01 06:48:27.260782',1,NULL,'2026-12-01 06:48:27.297085','0.11 < 0.50',0);
INSERT INTO "journal" VALUES(10,'matrix','$1FYmLA4XJtKf8q2c-BhhKCLwnFnLJUZl3HMcGRUeDLo','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message','$wuJmyEpftvgI_vcYCILkzeAzL7wyZUw0ZsrYEWdlAJU','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:27.492000','2026-12-01 06:48:27.768782',0,NULL,'2026-12-01 06:48:27.797759','an answer that can be kept',0);
INSERT INTO "journal" VALUES(11,'matrix','$H0jD2RufJGDJAqP-Mxj02Sb8S6_--g-Si4oNQBY9UOY','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','reaction','$1FYmLA4XJtKf8q2c-BhhKCLwnFnLJUZl3HMcGRUeDLo','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:27.862000','2026-12-01 06:48:28.136748',1,NULL,'2026-12-01 06:48:28.228487','a draft',0);
INSERT INTO "journal" VALUES(12,'matrix','$52GQbBh6k5A_aDEPAatI5DE8Jzm16pvUf4RNWGq-taQ','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','message',NULL,'10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:28.608000','2026-12-01 06:48:28.964645',1,NULL,'2026-12-01 06:48:29.009162','a draft',0);
INSERT INTO "journal" VALUES(13,'matrix','$xbt_pB-9Oxy0E1QJgwnZh8Gm0hUtFYzRZyfn0VK-wtg','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','message',NULL,'10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:29.325000','2026-12-01 06:48:29.404445',1,NULL,'2026-12-01 06:48:29.437203','a draft',0);
INSERT INTO "journal" VALUES(14,'matrix','$7Bz_9mO88kfT6L4_Gk2GiTNlU2BrAgxJRyVqu5SV-ys','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','reaction','$E2U-smKMr16EJ4RGXejumwOx1Jo9S2zqbRTUiYM9Afg','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:29.512000','2026-12-01 06:48:29.794183',0,NULL,'2026-12-01 06:48:29.889493','knowledge changed',0);
INSERT INTO "journal" VALUES(15,'matrix','$YjM2AyeHaL63015OW1XMNkD2ekw53eQ7Dc9FD10H_bE','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','message',NULL,'10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',NULL,NULL,'2026-12-01 06:48:29.964000','2026-12-01 06:48:30.296795',1,NULL,'2026-12-01 06:48:30.325396','command silence',0);
INSERT INTO "journal" VALUES(16,'matrix','$_pFQj0I6BEHbxRHcU-FJzWBB__fF7eOxLieRE0vmo_s','!5HUFSPbWvmVJYIHu1wxMlJJxsze2OsPaFhFMsFS9btQ','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:30.614000','2026-12-01 06:48:31.033205',1,NULL,'2026-12-01 06:48:31.075169','0.11 < 0.50',0);
INSERT INTO "journal" VALUES(17,'discourse','8/1','topic/8','message',NULL,'2cdabb51dbe65e18e0d2f7371e061edca598e547f337fbcf00b58d522fd654c3',NULL,NULL,'2026-12-01 06:48:31.606000','2026-12-01 06:48:31.849729',1,NULL,'2026-12-01 06:48:31.898662','0.98 ≥ 0.90',0);
INSERT INTO "journal" VALUES(18,'discourse','9/1','topic/9','message',NULL,'2cdabb51dbe65e18e0d2f7371e061edca598e547f337fbcf00b58d522fd654c3',NULL,NULL,'2026-12-01 06:48:31.606000','2026-12-01 06:48:31.849740',1,NULL,'2026-12-01 06:48:31.904222','0.14 < 0.50',0);
INSERT INTO "journal" VALUES(21,'matrix','$cnbqhmj3IldIZICrpk5Isgwapb4utLY0qGHZWfzKZGY','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60','@ana-r1:localhost','{"content": {"body": "Comment accueillir un volontaire en service civique ?", "msgtype": "m.text"}, "event_id": "$cnbqhmj3IldIZICrpk5Isgwapb4utLY0qGHZWfzKZGY", "origin_server_ts": 1796107716358, "sender": "@ana-r1:localhost", "type": "m.room.message"}','2026-12-01 06:48:36.358000','2026-12-01 06:48:36.831670',0,'2026-12-01 06:48:56.358000',NULL,'a person may reply first',0);
INSERT INTO "journal" VALUES(22,'matrix','$l5z4dfDUf7tn8ONPCeESIsO47_mQ-lVuaOqkYxS89_c','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:36.440000','2026-12-01 06:48:36.831688',1,NULL,'2026-12-01 06:48:36.910992','0.98 ≥ 0.90',0);
INSERT INTO "journal" VALUES(23,'matrix','$QejY-MkBIKknBKOptuls-h9nUS03sSb8203SHIgwY60','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',NULL,NULL,'2026-12-01 06:48:37.105000','2026-12-01 06:48:37.380212',1,NULL,'2026-12-01 06:48:37.402323','0.99 ≥ 0.90',0);
INSERT INTO "journal" VALUES(24,'matrix','$oVFBVY2wCUujO50okuqCD4M7G21n_jLnFsubzLdtrTY','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','message',NULL,'8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60','@ana-r1:localhost','{"content": {"body": "concierge : où trouver une fiche de poste ?", "msgtype": "m.text"}, "event_id": "$oVFBVY2wCUujO50okuqCD4M7G21n_jLnFsubzLdtrTY", "origin_server_ts": 1796107717441, "sender": "@ana-r1:localhost", "type": "m.room.message"}','2026-12-01 06:48:37.441000','2026-12-01 06:48:38.043330',0,NULL,NULL,NULL,0);
CREATE TABLE links (
	url TEXT NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	checked DATETIME NOT NULL, 
	moved_to TEXT, 
	right_last DATETIME, 
	dead_since DATETIME, 
	dead_last DATETIME, 
	dead_times INTEGER NOT NULL, 
	PRIMARY KEY (url)
);
INSERT INTO "links" VALUES('http://site.example:41111/fine','right','200','2026-12-01 06:48:36.187694',NULL,'2026-12-01 06:48:36.187694',NULL,NULL,0);
INSERT INTO "links" VALUES('http://site.example:41111/gone','dead','404','2026-12-01 06:48:36.187694',NULL,NULL,'2026-12-01 06:48:36.187694','2026-12-01 06:48:36.187694',1);
INSERT INTO "links" VALUES('https://civique.example/','unsure','ConnectError','2026-12-01 06:48:36.187694',NULL,NULL,NULL,NULL,0);
CREATE TABLE memory (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "memory" VALUES('store: salt','5a92753be6243e94c3340769f6623c96678e121da8c67b83c6d4849995a0c3aa');
INSERT INTO "memory" VALUES('digest: known entries','{"formation-facilitation": ["931011e936ff22dd", null, null], "fiche-de-poste": ["d22828bd167c89f4", null, null], "service-civique": ["491c17eb98a10f66", null, null]}');
INSERT INTO "memory" VALUES('matrix.session','{"user": "@concierge-r1:localhost", "device": "EEAZOWIZYQ", "token": "syt_Y29uY2llcmdlLXIx_lSBQnqHCyVlkOzGabFmG_131LEn"}');
INSERT INTO "memory" VALUES('matrix.signing @concierge-r1:localhost','e6715c4d9dec293b69400cddf28f501886520af2134066804800c47e6ec2ea8c');
INSERT INTO "memory" VALUES('matrix.rooms','{"!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA"}');
INSERT INTO "memory" VALUES('digest: begun','2026-12-01T06:48:24.712540+00:00');
INSERT INTO "memory" VALUES('store: number','6');
INSERT INTO "memory" VALUES('matrix.direct','{"!5HUFSPbWvmVJYIHu1wxMlJJxsze2OsPaFhFMsFS9btQ": true}');
INSERT INTO "memory" VALUES('topics seen','[{"title": "Le tournevis, on se le demande", "url": "http://127.0.0.1:10651/t/-/9/1", "posted": "2026-12-01T06:48:31.606000+00:00"}]');
INSERT INTO "memory" VALUES('discourse.watched','{"8/1": {"post": 13, "digest": "1fecd551", "begun": 1796107711.931664, "answers": null, "looked": 1796107711.931664, "until": null}, "9/1": {"post": 14, "digest": "18ed4586", "begun": 1796107711.937207, "answers": null, "looked": 1796107711.937207, "until": null}, "8/2": {"post": 15, "digest": null, "begun": 1796107711.931664, "answers": "8/1", "looked": 1796107711.931664, "until": null}, "9/2": {"post": 17, "digest": null, "begun": 1796107711.937207, "answers": "9/1", "looked": 1796107711.937207, "until": null}, "14/1": {"post": 19, "digest": null, "begun": 1796107715.006242, "answers": "", "looked": 1796107715.006242, "until": null}}');
INSERT INTO "memory" VALUES('digest: what stands','{"digest 2026-W49 matrix !1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E": ["8a3970198e34e7f3", 0, "2026-12-01T06:48:34.619261+00:00", []], "digest 2026-W49 discourse annonces": ["f550de86a759eb02", 0, "2026-12-01T06:48:34.619261+00:00", []], "digest 2026-W49 matrix work": ["9e722c3514695f82", 0, "2026-12-01T06:48:34.619261+00:00", []]}');
INSERT INTO "memory" VALUES('links: next look','2026-12-08T06:48:36.187694+00:00');
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel TEXT NOT NULL, 
	room TEXT NOT NULL, 
	transaction_id TEXT NOT NULL, 
	priority SMALLINT NOT NULL, 
	purpose TEXT NOT NULL, 
	entries TEXT NOT NULL, 
	answered TEXT NOT NULL, 
	question TEXT, 
	asker TEXT, 
	overheard BOOLEAN NOT NULL, 
	replaces TEXT, 
	outgoing TEXT, 
	made DATETIME NOT NULL, 
	not_before DATETIME, 
	begun DATETIME, 
	attempts INTEGER NOT NULL, 
	closed DATETIME, 
	reason TEXT, 
	event TEXT, 
	removed BOOLEAN NOT NULL, login TEXT, number INTEGER, private BOOLEAN, relays TEXT, 
	CONSTRAINT outbox_transaction UNIQUE (transaction_id)
);
INSERT INTO "outbox" VALUES(1,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','eb8c505a3a0058b0e76e3830de5ca11a',0,'introduction','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:23.440852',NULL,'2026-12-01 06:48:23.455658',0,'2026-12-01 06:48:23.606169',NULL,'$9unIwYpdLHT-9vZY9Qx3asvXSdYCivUXBIzqPW9RkNw',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(2,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','76d7677c376a57340435669a89bbdd38',0,'answer','["formation-facilitation"]','[]','$JHXB6EWRKjU9YsBgn1xCFbC_LSuPN-cnbB4Iu5175H8','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,NULL,'2026-12-01 06:48:23.955741',NULL,'2026-12-01 06:48:23.963680',0,'2026-12-01 06:48:24.065685',NULL,'$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(3,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','b5f566779aa9df1de899b18dea891375',2,'mark','[]','[]','$JHXB6EWRKjU9YsBgn1xCFbC_LSuPN-cnbB4Iu5175H8',NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE", "key": "\ud83d\udc4d"}]','2026-12-01 06:48:24.065685',NULL,'2026-12-01 06:48:24.072541',0,'2026-12-01 06:48:24.122023',NULL,'$YCJRZDssTs3iSK3v-g4ryjC2KhpbxtVS2qefQOEghRU',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(4,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','de763c175ad92fb1a1b49550e76312a3',2,'mark','[]','[]','$JHXB6EWRKjU9YsBgn1xCFbC_LSuPN-cnbB4Iu5175H8',NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE", "key": "\ud83d\udc4e"}]','2026-12-01 06:48:24.065685',NULL,'2026-12-01 06:48:24.134053',0,'2026-12-01 06:48:24.189969',NULL,'$fKlgO4T7A0YWzzZ51O7Wc4m0WkWGdX-Jj1MEdb1B9SI',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(5,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','5fb80adaaf1d75e9de0ab4b6d8305cbc',0,'suggest','["formation-facilitation", "fiche-de-poste"]','[]','$9E-e6tY9QIyPBtQjzyQk64T6cf99qiP5EzbFW1uXI2E','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,NULL,'2026-12-01 06:48:24.439961',NULL,'2026-12-01 06:48:24.458831',0,'2026-12-01 06:48:24.553384',NULL,'$gceVrr3Tu-TFZxxs1pcUnae8IjAOTP6lCKKhT1LPjeo',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(6,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','a9d3df4c4ed49de0c878c11f134be2c2',2,'mark','[]','[]','$9E-e6tY9QIyPBtQjzyQk64T6cf99qiP5EzbFW1uXI2E',NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$gceVrr3Tu-TFZxxs1pcUnae8IjAOTP6lCKKhT1LPjeo", "key": "1\ufe0f\u20e3"}]','2026-12-01 06:48:24.553384',NULL,'2026-12-01 06:48:24.587901',0,'2026-12-01 06:48:24.669721',NULL,'$vmxnJgaS34HBUaEV2nfXToqVp4g_m_y1skOSqegk0lk',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(7,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','d59a86866adb560abcf7f6f53275ba74',2,'mark','[]','[]','$9E-e6tY9QIyPBtQjzyQk64T6cf99qiP5EzbFW1uXI2E',NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$gceVrr3Tu-TFZxxs1pcUnae8IjAOTP6lCKKhT1LPjeo", "key": "2\ufe0f\u20e3"}]','2026-12-01 06:48:24.553384',NULL,'2026-12-01 06:48:24.699243',0,'2026-12-01 06:48:24.791777',NULL,'$aFQ1mNpPfdbU4rKZn5CxcZ9BBumHVF9AizZpNzM323w',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(8,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','4c832c8f1d8f88979d52d8762f2f9166',2,'mark','[]','[]','$9E-e6tY9QIyPBtQjzyQk64T6cf99qiP5EzbFW1uXI2E',NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$gceVrr3Tu-TFZxxs1pcUnae8IjAOTP6lCKKhT1LPjeo", "key": "\u274c"}]','2026-12-01 06:48:24.553384',NULL,'2026-12-01 06:48:24.802951',0,'2026-12-01 06:48:24.905594',NULL,'$bJfMbcuAt1RMjJYs3FNgNe79-i5GgEBPGOC6c2MxSw8',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(9,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','d7ac365c9aa84ee47b00171ea02590d8',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-12-01 06:48:25.198657',NULL,'2026-12-01 06:48:25.215705',0,'2026-12-01 06:48:25.380666',NULL,'$kFXVbZDZBbFwxqWSfS89u7BYWueEipjr6ZI7GCbXBV0',0,'EEAZOWIZYQ',1,0,NULL);
INSERT INTO "outbox" VALUES(10,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','ce07683f0f10b2c5e52e93b5a6160f25',0,'unknown','[]','[]','$gz1Lr33hVBmGo1zPwrOAdw4nHUMzfa2hXvp4fs_iges','9353b37088253a13c08845bd64d6839e190c371e24a8d86b1ddee28d3196a02e',0,NULL,NULL,'2026-12-01 06:48:25.198657',NULL,'2026-12-01 06:48:25.215650',0,'2026-12-01 06:48:25.300214',NULL,'$i6MrwwO1WAm8wCBDVXlTaCsL80ykPzO-oBLze1dtjGI',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(11,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','a040e4c83afbebd0a7c39a9dbb743bf4',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$kFXVbZDZBbFwxqWSfS89u7BYWueEipjr6ZI7GCbXBV0", "key": "\u274c"}]','2026-12-01 06:48:25.380666',NULL,'2026-12-01 06:48:25.401928',0,'2026-12-01 06:48:25.554100',NULL,'$TrMXS6qUuUGgj2kc3zJN7CFiHgL_g_jO_pdADSomR64',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(12,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','f22293c3bcb0982e85820f6dd4467fd7',0,'command','[]','[]','$TY6HBraYZ7PCA8hzKF6cbT7VDftL9yje32eaWvFg1EU','e4642d24225ee47beb31468ebe834c72f3bf92dce09ea65ad2cae98e5bc888e5',0,NULL,NULL,'2026-12-01 06:48:25.944812',NULL,'2026-12-01 06:48:25.954691',0,'2026-12-01 06:48:26.039485',NULL,'$xtkv7po6lwbbzDsjUhSbQN6wrnAXyMiZb9PSWTfKjOM',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(13,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','fe117f010a51c33405a16b72e143c9bd',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-12-01 06:48:26.388156',NULL,'2026-12-01 06:48:26.393161',0,'2026-12-01 06:48:26.547942',NULL,'$jpmrAWnBT3q6nnRBc4iJpMaBmGqjQPWEkqnjxl2ba8Q',0,'EEAZOWIZYQ',2,0,NULL);
INSERT INTO "outbox" VALUES(14,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','fdbc4c2ae8ce443a9e05f4330f82fbd8',0,'unknown','[]','[]','$pflMGk34AM5icwnkFGbWLH_Dy2s-g86Du-r9rWJleTY','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,NULL,'2026-12-01 06:48:26.388156',NULL,'2026-12-01 06:48:26.393132',0,'2026-12-01 06:48:26.528751',NULL,'$h3cyfSmt0FDPqeLhotpqdpXz27isMd9TMIMl6szDIfk',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(15,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','3112042798e280b41356f70c724a6b7f',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$jpmrAWnBT3q6nnRBc4iJpMaBmGqjQPWEkqnjxl2ba8Q", "key": "\u274c"}]','2026-12-01 06:48:26.547942',NULL,'2026-12-01 06:48:26.574655',0,'2026-12-01 06:48:26.626261',NULL,'$VmVJia-IUIXKkv9DvCvH--ETGE1tfRJawreeo6lzFJA',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(16,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','55a78d206fc366b916267e8ce83c7263',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$ezoDD0HYD4LWex-oUoCzFSFewyKCnvGTkTQqnRKpNIw", "key": "\ud83d\udcdd"}]','2026-12-01 06:48:26.894494',NULL,'2026-12-01 06:48:26.905400',0,'2026-12-01 06:48:26.964125',NULL,'$Iy-gmoN_jhzrzVsPBvn86CS_GTLzB_u31SQ7wa7_wfY',0,'EEAZOWIZYQ',2,0,NULL);
INSERT INTO "outbox" VALUES(17,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','fe13f5aedea7f15fdfba2ab21b4d74b1',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-12-01 06:48:27.297085',NULL,'2026-12-01 06:48:27.317767',0,'2026-12-01 06:48:27.474713',NULL,'$22zBneQFkN2Mpcq8RodnEnbKL7XUW4ZcsVNdrKhxX18',0,'EEAZOWIZYQ',3,0,NULL);
INSERT INTO "outbox" VALUES(18,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','998af80882b08758808e9d5fecc55267',0,'unknown','[]','[]','$wuJmyEpftvgI_vcYCILkzeAzL7wyZUw0ZsrYEWdlAJU','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,NULL,'2026-12-01 06:48:27.297085',NULL,'2026-12-01 06:48:27.317730',0,'2026-12-01 06:48:27.438889',NULL,'$YSqnjrlTakrlwI0nZ6eIVIslOsVLv5DEEVP3cQv-kWM',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(19,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','be95418466f577ed234e2ff36c931a9d',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$22zBneQFkN2Mpcq8RodnEnbKL7XUW4ZcsVNdrKhxX18", "key": "\u274c"}]','2026-12-01 06:48:27.474713',NULL,'2026-12-01 06:48:27.488479',0,'2026-12-01 06:48:27.650859',NULL,'$pjo1PfjZWTbWBr1WVkIbX4LW4qnXyo4-VZwEspBP6kI',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(20,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','24528b1db2ad7c66a1ee52d4205ae008',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "target": "$1FYmLA4XJtKf8q2c-BhhKCLwnFnLJUZl3HMcGRUeDLo", "key": "\ud83d\udcdd"}]','2026-12-01 06:48:27.797759',NULL,'2026-12-01 06:48:27.805689',0,'2026-12-01 06:48:27.850102',NULL,'$g5h6pKhQn9S4J7hJf6NL2Xhn-EnmpGpawjAa-EQ-1Vs',0,'EEAZOWIZYQ',3,0,NULL);
INSERT INTO "outbox" VALUES(21,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','700da8a44b0bbfcc97e78eaa744a9b38',0,'draft','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:28.228487',NULL,'2026-12-01 06:48:28.244464',0,'2026-12-01 06:48:28.351710',NULL,'$3BhxhfqxZIh0x-ZBl7INN6L5A1CkISC3faLi6U--x1Q',0,'EEAZOWIZYQ',4,0,NULL);
INSERT INTO "outbox" VALUES(22,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','70b5ef72c7c8479c4cc44802da431dd5',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$3BhxhfqxZIh0x-ZBl7INN6L5A1CkISC3faLi6U--x1Q", "key": "\u2705"}]','2026-12-01 06:48:28.351710',NULL,'2026-12-01 06:48:28.366141',0,'2026-12-01 06:48:28.464090',NULL,'$zMx1Aq8xSLRQTgrSNiQFc3t6XgBGmSLwhaK8G-x0U-w',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(23,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','f5082a5c6fd424b629e61be758c73b60',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$3BhxhfqxZIh0x-ZBl7INN6L5A1CkISC3faLi6U--x1Q", "key": "\u274c"}]','2026-12-01 06:48:28.351710',NULL,'2026-12-01 06:48:28.476497',0,'2026-12-01 06:48:28.575147',NULL,'$siQQjMd5UhPnUTd-KF4ylVDz804F7t9-6FT1TrB9d1w',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(24,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','62fd0bf238ab5974f58958dbcbed08c7',0,'draft','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:29.009162',NULL,'2026-12-01 06:48:29.014570',0,'2026-12-01 06:48:29.094187',NULL,'$HchFYE2Wjz8_sIlOkE5oqepih-wwnyuizh42wBvwDS0',0,'EEAZOWIZYQ',5,0,NULL);
INSERT INTO "outbox" VALUES(25,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','116b191791df2ab565f2b5a2a2a399da',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$HchFYE2Wjz8_sIlOkE5oqepih-wwnyuizh42wBvwDS0", "key": "\u2705"}]','2026-12-01 06:48:29.094187',NULL,'2026-12-01 06:48:29.099695',0,'2026-12-01 06:48:29.200675',NULL,'$KwOM5lwQ8lUWQlSnmLARjtgXgjuWsqNOMdRrDTAJsUQ',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(26,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','52b6292047c269d4f4b6a0295f5c35d8',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$HchFYE2Wjz8_sIlOkE5oqepih-wwnyuizh42wBvwDS0", "key": "\u274c"}]','2026-12-01 06:48:29.094187',NULL,'2026-12-01 06:48:29.206861',0,'2026-12-01 06:48:29.293573',NULL,'$JxHyP3cqjbAaVk6J2TY1O079SuFH57mAg-v6tDTzGRk',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(27,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','13a4ffacae631c69bc4977b27d1b02e3',0,'draft','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:29.437203',NULL,'2026-12-01 06:48:29.448023',0,'2026-12-01 06:48:29.498063',NULL,'$E2U-smKMr16EJ4RGXejumwOx1Jo9S2zqbRTUiYM9Afg',0,'EEAZOWIZYQ',6,0,NULL);
INSERT INTO "outbox" VALUES(28,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','a28b432e6a1a8f10aa5c45d3bc0d154d',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$E2U-smKMr16EJ4RGXejumwOx1Jo9S2zqbRTUiYM9Afg", "key": "\u2705"}]','2026-12-01 06:48:29.498063',NULL,'2026-12-01 06:48:29.521626',0,'2026-12-01 06:48:29.577040',NULL,'$AJ9zul70Vjmuhq8j8Qtk65dpj0ZVZzznvKkkdQW4i0E',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(29,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','fd485aad9914ce8bf28468a9c6035158',2,'mark','[]','[]',NULL,NULL,0,NULL,'["mark", {"room": "!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA", "target": "$E2U-smKMr16EJ4RGXejumwOx1Jo9S2zqbRTUiYM9Afg", "key": "\u274c"}]','2026-12-01 06:48:29.498063',NULL,'2026-12-01 06:48:29.585678',0,'2026-12-01 06:48:29.607157',NULL,'$K0Z7pMdASk6LSoGg9tYqOGZoj8f4sWGM2hx5LQtV72U',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(30,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','50f6bd6ef93694415ce0f58c1ca5cbe4',0,'command','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:29.889493',NULL,'2026-12-01 06:48:29.902420',0,'2026-12-01 06:48:30.014014',NULL,'$WF1suxWscYQVovPu5TzIvftZhb87eL6DZ83daswBvkA',0,'EEAZOWIZYQ',6,0,NULL);
INSERT INTO "outbox" VALUES(31,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','0a6458273f6eef49e866407b3bf86d27',0,'command','[]','[]','$YjM2AyeHaL63015OW1XMNkD2ekw53eQ7Dc9FD10H_bE','10088e35ff6b5d74c77d527d1f7b4577668d19dc1f711380bdc117153a73bc40',0,NULL,NULL,'2026-12-01 06:48:30.325396',NULL,'2026-12-01 06:48:30.337260',0,'2026-12-01 06:48:30.406251',NULL,'$KW_H9wS5BaVfZqbCMQXObqXIyUOlUhVGgp8ckb76vzo',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(32,'matrix','!5HUFSPbWvmVJYIHu1wxMlJJxsze2OsPaFhFMsFS9btQ','773e36ea1c54a0cc55870266c9aaba7e',0,'unknown','[]','[]','$_pFQj0I6BEHbxRHcU-FJzWBB__fF7eOxLieRE0vmo_s','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,NULL,'2026-12-01 06:48:31.075169',NULL,'2026-12-01 06:48:31.092005',0,'2026-12-01 06:48:31.259054',NULL,'$Cr0hptqYjFwNawp5lQ1cm9EZg6sS8aV6BLdeIRD1e4g',0,'EEAZOWIZYQ',NULL,1,NULL);
INSERT INTO "outbox" VALUES(33,'matrix','!5HUFSPbWvmVJYIHu1wxMlJJxsze2OsPaFhFMsFS9btQ','a1afb85971f056d0da1d8432afcd0a3d',2,'mark','[]','[]','$_pFQj0I6BEHbxRHcU-FJzWBB__fF7eOxLieRE0vmo_s',NULL,0,NULL,'["mark", {"room": "!5HUFSPbWvmVJYIHu1wxMlJJxsze2OsPaFhFMsFS9btQ", "target": "$Cr0hptqYjFwNawp5lQ1cm9EZg6sS8aV6BLdeIRD1e4g", "key": "\u2705"}]','2026-12-01 06:48:31.259054',NULL,'2026-12-01 06:48:31.529500',0,'2026-12-01 06:48:31.597571',NULL,'$TgIa0BLzYHiI_UyxgfbZ5_oHW95g8fd1VLF2og9r8-Y',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(34,'discourse','topic/8','7519eaccbff44a5ed8e07acbd03da459',0,'answer','["formation-facilitation"]','[]','8/1','2cdabb51dbe65e18e0d2f7371e061edca598e547f337fbcf00b58d522fd654c3',0,NULL,NULL,'2026-12-01 06:48:31.898662',NULL,'2026-12-01 06:48:31.916363',0,'2026-12-01 06:48:31.939273',NULL,'8/2',0,'4ae97f266dfeb9f8',NULL,0,NULL);
INSERT INTO "outbox" VALUES(35,'discourse','topic/9','f1a422cd6a161cd2fe87c0a55b0c4524',0,'unknown','[]','[]','9/1','2cdabb51dbe65e18e0d2f7371e061edca598e547f337fbcf00b58d522fd654c3',0,NULL,NULL,'2026-12-01 06:48:31.904222',NULL,'2026-12-01 06:48:31.916399',0,'2026-12-01 06:48:31.939328',NULL,'9/2',0,'fca6a41b5d2f4816',NULL,0,NULL);
INSERT INTO "outbox" VALUES(36,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','98ac5fbc3128e5ddab0940d178302936',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:34.619261',NULL,'2026-12-01 06:48:34.981416',0,'2026-12-01 06:48:35.211138',NULL,'$xA4EjCakF00yG1lX13aecxcwr2QtDnyTmlK5P0WC63Y',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(37,'discourse','category/annonces','972512394bfe033afb12d870e9540917',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:34.619261',NULL,'2026-12-01 06:48:34.977978',0,'2026-12-01 06:48:35.010199',NULL,'14/1',0,'83b79585456b05b1',NULL,0,NULL);
INSERT INTO "outbox" VALUES(38,'matrix','!0fEXQ8_AwQv0eBcwzL7toSRip_wY7RI06RkN8zlApsA','41251aa5358b2ae6615bf0b33655662f',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-12-01 06:48:34.619261',NULL,'2026-12-01 06:48:34.981523',0,'2026-12-01 06:48:35.204039',NULL,'$3pIZ0pG5r55Jm_u-PlQE0P62_WsmXfMF92biYB8jkWI',0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(39,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','2d561520b7aee2a0047bf537f7dd3982',0,'short','["formation-facilitation"]','[]','$l5z4dfDUf7tn8ONPCeESIsO47_mQ-lVuaOqkYxS89_c','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,'["reply", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E/$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE?via=localhost)", "to": "$l5z4dfDUf7tn8ONPCeESIsO47_mQ-lVuaOqkYxS89_c", "thread": null, "quiet": false, "mentions": [], "replaces": null, "choices": [], "title": null}]','2026-12-01 06:48:36.910992','2026-12-01 06:48:39.023346','2026-12-01 06:48:36.926585',2,NULL,NULL,NULL,0,'EEAZOWIZYQ',NULL,0,NULL);
INSERT INTO "outbox" VALUES(40,'matrix','!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E','9fd8661da3a1cbedcdf603895c406233',0,'short','["formation-facilitation"]','[]','$QejY-MkBIKknBKOptuls-h9nUS03sSb8203SHIgwY60','8fd9519c8796b890220e9d5a8a2f3b36ad0d680bf83ac2a1e20863e03d114b60',0,NULL,'["reply", {"room": "!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!1gVOcWboYQHZkrTrtGIMZ5I1mUUiyLyDVIE7iyE3x8E/$OJwgS_9cxX3WJx9nJHsxs0iHjbTdBTB6lQVQs0PMXdE?via=localhost)", "to": "$QejY-MkBIKknBKOptuls-h9nUS03sSb8203SHIgwY60", "thread": null, "quiet": false, "mentions": [], "replaces": null, "choices": [], "title": null}]','2026-12-01 06:48:37.402323',NULL,NULL,0,NULL,NULL,NULL,0,NULL,NULL,0,NULL);
CREATE TABLE positions (
	channel TEXT NOT NULL, 
	position TEXT NOT NULL, 
	PRIMARY KEY (channel)
);
INSERT INTO "positions" VALUES('discourse','{"floor": 0, "post": 19, "private": 0, "notification": 22, "begun": null, "looked": "2026-12-01T06:48:37.349363+00:00"}');
INSERT INTO "positions" VALUES('matrix','s79_1_0_1_1_1_1_12_0_1_1_1_1_1');
CREATE TABLE questions (
	number INTEGER NOT NULL, 
	opened DATETIME NOT NULL, 
	closed DATETIME, 
	entry TEXT, 
	PRIMARY KEY (number)
);
INSERT INTO "questions" VALUES(1,'2026-12-01 06:48:25.198657',NULL,NULL);
INSERT INTO "questions" VALUES(2,'2026-12-01 06:48:26.388156',NULL,NULL);
INSERT INTO "questions" VALUES(3,'2026-12-01 06:48:27.297085',NULL,NULL);
CREATE TABLE sessions (
	number INTEGER NOT NULL, 
	link TEXT NOT NULL, 
	cookie TEXT, 
	channel TEXT NOT NULL, 
	user TEXT NOT NULL, 
	name TEXT NOT NULL, 
	room TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	opened DATETIME, 
	used DATETIME, 
	PRIMARY KEY (number), 
	CONSTRAINT sessions_link UNIQUE (link), 
	CONSTRAINT sessions_cookie UNIQUE (cookie)
);
CREATE INDEX journal_unfinished ON journal (id) WHERE done_at IS NULL;
CREATE INDEX journal_relates_to ON journal (relates_to);
CREATE INDEX journal_person ON journal (person, done_at);
CREATE INDEX outbox_unsent ON outbox (channel, room, priority, id) WHERE closed IS NULL;
CREATE INDEX outbox_event ON outbox (event);
CREATE INDEX outbox_replaces ON outbox (replaces);
CREATE INDEX outbox_question ON outbox (question);
CREATE INDEX outbox_room ON outbox (room, made);
CREATE INDEX askings_question ON askings (question);
CREATE INDEX drafts_question ON drafts (question);
CREATE INDEX outbox_number ON outbox (number);
CREATE INDEX outbox_relays ON outbox (relays);
CREATE INDEX edits_entry ON edits (entry);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',24);
INSERT INTO "sqlite_sequence" VALUES('outbox',40);
INSERT INTO "sqlite_sequence" VALUES('askings',4);
INSERT INTO "sqlite_sequence" VALUES('edits',1);
COMMIT;
