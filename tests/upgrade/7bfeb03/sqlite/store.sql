BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
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
INSERT INTO "askings" VALUES(1,1,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','$fNNanx8SvYhRxEnxLwkTDu1_qIMkfY7kglzrcA44lS0','120c9653a8e48253573c2c849453606b7bfedb84bbd9549ac43692c3ab30c5f5','comment réparer une imprimante Prusa qui fume ?','2026-11-28 08:45:19.703000',0,NULL);
INSERT INTO "askings" VALUES(2,2,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','$e-7fr8tlK79B4XBtVUNY14zP4-TzcdRZrWeJeaOFg-Q','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb','où est rangé le tournevis cruciforme ?','2026-11-28 08:45:21.611000',0,NULL);
INSERT INTO "askings" VALUES(3,3,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','$O_AG6OrX6FVyNhK8GWMdbRYzxu9J6FkPRvUMGh_Cp0Y','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb','qui arrose les tomates du toit ?','2026-11-28 08:45:23.650000',0,NULL);
INSERT INTO "askings" VALUES(4,2,'discourse','topic/9','9/1','8b83e0040000746fdcd92520bb2f66c605367a6d7e29f4605b3d88e4a464ed48','Le tournevis, on se le demande

où est rangé le tournevis cruciforme ?','2026-11-28 08:45:28.934000',0,NULL);
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
INSERT INTO "drafts" VALUES(4,'add',3,'{"kind": "add", "id": "qui-arrose-les-tomates-du-toit", "entry": {"id": "qui-arrose-les-tomates-du-toit", "title": "Qui arrose les tomates du toit ?", "questions": ["qui arrose les tomates du toit ?"], "answer": "Dans le tiroir du bas, à l''accueil.", "updated": "2026-11-28", "source": "réponse de l''équipe de modération, 28 novembre 2026, https://matrix.to/#/!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ/$mY2mD37L-dDS82ATDra8HxDSeTP_icLWyrVXzgeUt98?via=localhost"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null}','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267','2026-11-28 08:45:25.189476','open');
INSERT INTO "drafts" VALUES(5,'add',NULL,'{"kind": "add", "id": "emprunter-la-malle-robotique", "entry": {"id": "emprunter-la-malle-robotique", "title": "Emprunter la malle robotique", "questions": ["Emprunter la malle robotique"], "answer": "Inscrivez-vous sur le planning.", "links": [{"title": "malle.example", "url": "https://malle.example/"}], "updated": "2026-11-28"}, "theme": "formations.yaml", "changes": {}, "phrase": "", "instead": null}','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267','2026-11-28 08:45:25.753781','open');
CREATE TABLE feedback (
	entry TEXT NOT NULL, 
	person TEXT NOT NULL, 
	value SMALLINT NOT NULL, 
	given DATETIME NOT NULL, 
	PRIMARY KEY (entry, person)
);
INSERT INTO "feedback" VALUES('formation-facilitation','120c9653a8e48253573c2c849453606b7bfedb84bbd9549ac43692c3ab30c5f5',1,'2026-11-28 08:45:18.901804');
CREATE TABLE forgotten (
	person TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (person)
);
INSERT INTO "forgotten" VALUES('7601614a2a9cbb50b8d793358a162b7e64197b6fbcf481b681d17ae44eda1682','2026-11-28 08:45:21.121640');
CREATE TABLE hushes (
	room TEXT NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (room)
);
INSERT INTO "hushes" VALUES('!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','2026-11-28 10:45:26.957716');
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
	reason TEXT, 
	CONSTRAINT journal_event UNIQUE (channel, event)
);
INSERT INTO "journal" VALUES(1,'matrix','$7ZPoiX1YwQ7Hcj_uUrf5yDPLMvsTXKZlcFV1-2GZ1y4','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','joined',NULL,'4b4554f072c852e72d220e5067a5d46ebf1715fa7e1e94c4a3c923ca7dc0ce4a',NULL,NULL,'2026-11-28 08:45:16.162000','2026-11-28 08:45:16.575616',0,NULL,'2026-11-28 08:45:16.743679','introduction');
INSERT INTO "journal" VALUES(2,'matrix','$fjUlxrhZOLlv-qF1OsmvTgwACKsFM4JPH6gTbJYtJNw','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:45:17.034000','2026-11-28 08:45:17.487571',1,NULL,'2026-11-28 08:45:17.770436','0.99 ≥ 0.90');
INSERT INTO "journal" VALUES(3,'matrix','$sEWPR92hooUV2YZE-ytTrma5MgP8Vx5Ij5S534tOG8g','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','reaction','$xieWUvazD3uF8-6ro8IIN2cYFFlJ0mFHwrmezUM_r4I','120c9653a8e48253573c2c849453606b7bfedb84bbd9549ac43692c3ab30c5f5',NULL,NULL,'2026-11-28 08:45:18.239000','2026-11-28 08:45:18.688239',0,NULL,'2026-11-28 08:45:18.901804','liked');
INSERT INTO "journal" VALUES(4,'matrix','$r3NJ0ZyhPUlbeQvY265j1ubB8A6IvwpoT5Z7h4o3wws','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:45:18.444000','2026-11-28 08:45:18.801698',1,NULL,'2026-11-28 08:45:19.033852','0.74 < 0.90');
INSERT INTO "journal" VALUES(5,'matrix','$fNNanx8SvYhRxEnxLwkTDu1_qIMkfY7kglzrcA44lS0','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'120c9653a8e48253573c2c849453606b7bfedb84bbd9549ac43692c3ab30c5f5',NULL,NULL,'2026-11-28 08:45:19.703000','2026-11-28 08:45:19.913550',1,NULL,'2026-11-28 08:45:20.152191','0.31 < 0.50');
INSERT INTO "journal" VALUES(6,'matrix','$TsrjvzEn-LaDG99DLXWUO-nf3u7keW-2WC4dRBRNkGg','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,NULL,NULL,NULL,'2026-11-28 08:45:20.601000','2026-11-28 08:45:21.043204',0,NULL,'2026-11-28 08:45:21.121640','command oublie-moi');
INSERT INTO "journal" VALUES(7,'matrix','$e-7fr8tlK79B4XBtVUNY14zP4-TzcdRZrWeJeaOFg-Q','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:45:21.611000','2026-11-28 08:45:22.118669',1,NULL,'2026-11-28 08:45:22.553181','0.09 < 0.50');
INSERT INTO "journal" VALUES(8,'matrix','$xhYC9Jh6ZrjJ_BTBf4YPjQ77LtC9HPDRk9wtCFLWW9U','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message','$e-7fr8tlK79B4XBtVUNY14zP4-TzcdRZrWeJeaOFg-Q','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',NULL,NULL,'2026-11-28 08:45:22.831000','2026-11-28 08:45:23.366456',0,NULL,'2026-11-28 08:45:23.488213','an answer that can be kept');
INSERT INTO "journal" VALUES(9,'matrix','$O_AG6OrX6FVyNhK8GWMdbRYzxu9J6FkPRvUMGh_Cp0Y','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:45:23.650000','2026-11-28 08:45:23.973907',1,NULL,'2026-11-28 08:45:24.212813','0.15 < 0.50');
INSERT INTO "journal" VALUES(10,'matrix','$mY2mD37L-dDS82ATDra8HxDSeTP_icLWyrVXzgeUt98','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message','$O_AG6OrX6FVyNhK8GWMdbRYzxu9J6FkPRvUMGh_Cp0Y','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',NULL,NULL,'2026-11-28 08:45:24.396000','2026-11-28 08:45:24.705478',0,NULL,'2026-11-28 08:45:24.756815','an answer that can be kept');
INSERT INTO "journal" VALUES(11,'matrix','$98IrNsGb_CwiiAr2xG57fQGff73SMU-D2_46Qt8vLr8','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','reaction','$mY2mD37L-dDS82ATDra8HxDSeTP_icLWyrVXzgeUt98','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',NULL,NULL,'2026-11-28 08:45:24.884000','2026-11-28 08:45:25.084858',1,NULL,'2026-11-28 08:45:25.189589','a draft');
INSERT INTO "journal" VALUES(12,'matrix','$haqh6k16_A09x9HtDaeGnV5qDrknXS2cmMrq-2aW1bw','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','message',NULL,'1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',NULL,NULL,'2026-11-28 08:45:25.604000','2026-11-28 08:45:25.698876',1,NULL,'2026-11-28 08:45:25.754390','a draft');
INSERT INTO "journal" VALUES(13,'matrix','$_pCVRsF6V-Jn3rENh557eZ_zRz6DqJMNyrgXZtMsT6U','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','message',NULL,'1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',NULL,NULL,'2026-11-28 08:45:26.470000','2026-11-28 08:45:26.869313',0,NULL,'2026-11-28 08:45:26.958023','command silence');
INSERT INTO "journal" VALUES(14,'matrix','$r0zSix_RLdcN08tAnwyC4MO4O54NB_dTJXTpMA5VB1o','!DwldmmUizC8U0sii00MdU5VVNGySYUY1imYc3GYwFAk','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:45:27.767000','2026-11-28 08:45:28.240006',1,NULL,'2026-11-28 08:45:28.382255','0.11 < 0.50');
INSERT INTO "journal" VALUES(15,'discourse','8/1','topic/8','message',NULL,'8b83e0040000746fdcd92520bb2f66c605367a6d7e29f4605b3d88e4a464ed48',NULL,NULL,'2026-11-28 08:45:28.934000','2026-11-28 08:45:29.231297',1,NULL,'2026-11-28 08:45:29.498028','0.98 ≥ 0.90');
INSERT INTO "journal" VALUES(16,'discourse','9/1','topic/9','message',NULL,'8b83e0040000746fdcd92520bb2f66c605367a6d7e29f4605b3d88e4a464ed48',NULL,NULL,'2026-11-28 08:45:28.934000','2026-11-28 08:45:29.231333',1,NULL,'2026-11-28 08:45:29.614421','0.12 < 0.50');
INSERT INTO "journal" VALUES(19,'matrix','$-1AEfj98o2ZnDT0M9MEfJgkHmZlw2wwrAFMk9rvoDKg','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb','@ana-r1:localhost','{"content": {"body": "Comment accueillir un volontaire en service civique ?", "msgtype": "m.text"}, "event_id": "$-1AEfj98o2ZnDT0M9MEfJgkHmZlw2wwrAFMk9rvoDKg", "origin_server_ts": 1795855563785, "sender": "@ana-r1:localhost", "type": "m.room.message"}','2026-11-28 08:46:03.785000','2026-11-28 08:46:10.497678',0,'2026-11-28 08:46:23.785000',NULL,'a person may reply first');
INSERT INTO "journal" VALUES(20,'matrix','$lqq71MsWE_dmwngaEYoV0AnBYgffshBi9mBEIGp6ynQ','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:46:04.150000','2026-11-28 08:46:10.497724',1,NULL,'2026-11-28 08:46:10.982633','0.99 ≥ 0.90');
INSERT INTO "journal" VALUES(21,'matrix','$N09FqTg9OSdRe1Su2tJBDRHGJAA7QndMg4KttZ3MHmQ','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',NULL,NULL,'2026-11-28 08:46:11.327000','2026-11-28 08:46:11.705939',1,NULL,'2026-11-28 08:46:11.820130','0.99 ≥ 0.90');
INSERT INTO "journal" VALUES(22,'matrix','$edKfEMNXoRM2KQCLgrUtogJQcNvIWuUZ-B0oQpWQfDA','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','message',NULL,'9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb','@ana-r1:localhost','{"content": {"body": "concierge : où trouver une fiche de poste ?", "msgtype": "m.text"}, "event_id": "$edKfEMNXoRM2KQCLgrUtogJQcNvIWuUZ-B0oQpWQfDA", "origin_server_ts": 1795855572137, "sender": "@ana-r1:localhost", "type": "m.room.message"}','2026-11-28 08:46:12.137000','2026-11-28 08:46:17.402982',0,NULL,NULL,NULL);
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
INSERT INTO "links" VALUES('http://site.example:37925/fine','right','200','2026-11-28 08:46:02.072455',NULL,'2026-11-28 08:46:02.072455',NULL,NULL,0);
INSERT INTO "links" VALUES('http://site.example:37925/gone','dead','404','2026-11-28 08:46:02.072455',NULL,NULL,'2026-11-28 08:46:02.072455','2026-11-28 08:46:02.072455',1);
INSERT INTO "links" VALUES('https://civique.example/','unsure','ConnectError','2026-11-28 08:46:02.072455',NULL,NULL,NULL,NULL,0);
CREATE TABLE memory (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "memory" VALUES('store: salt','58ce9a8258283bd7be9e3fa885cfbd226caf91950a638839154f5d9d42cb6882');
INSERT INTO "memory" VALUES('digest: known entries','{"formation-facilitation": ["931011e936ff22dd", null, null], "fiche-de-poste": ["d22828bd167c89f4", null, null], "service-civique": ["491c17eb98a10f66", null, null]}');
INSERT INTO "memory" VALUES('matrix.session','{"user": "@concierge-r1:localhost", "device": "GKTITTKKRB", "token": "syt_Y29uY2llcmdlLXIx_YjLZSFrYluzenHbFIFnw_3hgm2B"}');
INSERT INTO "memory" VALUES('matrix.signing @concierge-r1:localhost','d8d9da40e3ec17f68ebe62c891bcc2c9e39fc0e74bec530224129f7d62171553');
INSERT INTO "memory" VALUES('digest: begun','2026-11-28T08:45:15.310043+00:00');
INSERT INTO "memory" VALUES('matrix.rooms','{"!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ": "!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ", "!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME": "!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME"}');
INSERT INTO "memory" VALUES('store: number','5');
INSERT INTO "memory" VALUES('matrix.direct','{"!DwldmmUizC8U0sii00MdU5VVNGySYUY1imYc3GYwFAk": true}');
INSERT INTO "memory" VALUES('topics seen','[{"title": "Le tournevis, on se le demande", "url": "http://127.0.0.1:31270/t/-/9/1", "posted": "2026-11-28T08:45:28.934000+00:00"}]');
INSERT INTO "memory" VALUES('discourse.watched','{"8/1": {"post": 13, "digest": "1fecd551", "begun": 1795855529.640307, "answers": null, "looked": 1795855529.640307, "until": null}, "9/1": {"post": 14, "digest": "18ed4586", "begun": 1795855529.802133, "answers": null, "looked": 1795855529.802133, "until": null}, "8/2": {"post": 15, "digest": null, "begun": 1795855529.640307, "answers": "8/1", "looked": 1795855529.640307, "until": null}, "9/2": {"post": 17, "digest": null, "begun": 1795855529.802133, "answers": "9/1", "looked": 1795855529.802133, "until": null}, "14/1": {"post": 19, "digest": null, "begun": 1795855552.023914, "answers": "", "looked": 1795855552.023914, "until": null}}');
INSERT INTO "memory" VALUES('digest: what stands','{"digest 2026-W48 matrix !tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ": ["61fe6c80bdac912b", 0, "2026-11-28T08:45:50.549161+00:00", ["$e-7fr8tlK79B4XBtVUNY14zP4-TzcdRZrWeJeaOFg-Q", "$fNNanx8SvYhRxEnxLwkTDu1_qIMkfY7kglzrcA44lS0", "$O_AG6OrX6FVyNhK8GWMdbRYzxu9J6FkPRvUMGh_Cp0Y"]], "digest 2026-W48 discourse annonces": ["fcea1b38af2ed1b8", 0, "2026-11-28T08:45:50.549161+00:00", ["9/1"]], "digest 2026-W48 matrix work": ["49e37ec52316d9aa", 0, "2026-11-28T08:45:50.549161+00:00", []]}');
INSERT INTO "memory" VALUES('links: next look','2026-12-05T08:46:02.072455+00:00');
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
	removed BOOLEAN NOT NULL, login TEXT, number INTEGER, private BOOLEAN, 
	CONSTRAINT outbox_transaction UNIQUE (transaction_id)
);
INSERT INTO "outbox" VALUES(1,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','7678ba723bd1dcea18d52bbb417c34fd',0,'introduction','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:16.743679',NULL,'2026-11-28 08:45:16.789792',0,'2026-11-28 08:45:17.033834',NULL,'$VZOQYn25CcazlrtUZRcdvowdZOj3ftDV3d7nnnTeXyU',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(2,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','3ad046198557548f281e2710ee681939',0,'answer','["formation-facilitation"]','[]','$fjUlxrhZOLlv-qF1OsmvTgwACKsFM4JPH6gTbJYtJNw','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,NULL,'2026-11-28 08:45:17.770436',NULL,'2026-11-28 08:45:17.893447',0,'2026-11-28 08:45:18.201760',NULL,'$xieWUvazD3uF8-6ro8IIN2cYFFlJ0mFHwrmezUM_r4I',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(3,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','9b6d0ddb7815f2bee21b5a8937e6ccc5',0,'suggest','["formation-facilitation", "fiche-de-poste"]','[]','$r3NJ0ZyhPUlbeQvY265j1ubB8A6IvwpoT5Z7h4o3wws','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,NULL,'2026-11-28 08:45:19.033852',NULL,'2026-11-28 08:45:19.143881',0,'2026-11-28 08:45:19.277948',NULL,'$wfC1l7s9WSabUCLaQDGN0KC92j1JZMyJFMmGJ0XIiGk',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(4,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','d5188ea86b276ec3aa8a8c9c8f2ad793',2,'mark','[]','[]','$r3NJ0ZyhPUlbeQvY265j1ubB8A6IvwpoT5Z7h4o3wws',NULL,0,NULL,NULL,'2026-11-28 08:45:19.277948',NULL,'2026-11-28 08:45:19.330151',0,'2026-11-28 08:45:19.474171',NULL,'$JgCQ738VENXx7HlyVE72lUHdgKnmQkTi6n9DaiY2OUI',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(5,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','8bd9d827fdca157affcd2c888aa56cd2',2,'mark','[]','[]','$r3NJ0ZyhPUlbeQvY265j1ubB8A6IvwpoT5Z7h4o3wws',NULL,0,NULL,NULL,'2026-11-28 08:45:19.277948',NULL,'2026-11-28 08:45:19.504728',0,'2026-11-28 08:45:19.646174',NULL,'$fLny14ba8FCIp9l9vy3MkC1qnx4XIlFoLiAahSp20d8',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(6,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','d7ac365c9aa84ee47b00171ea02590d8',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-11-28 08:45:20.152191',NULL,'2026-11-28 08:45:20.167317',0,'2026-11-28 08:45:20.387125',NULL,'$hJscYS8QSkodC4KrYHEJzyA8f35fzuiJDGJ1jc3noj4',0,'GKTITTKKRB',1,0);
INSERT INTO "outbox" VALUES(7,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','41732ee5a7dc46a37609e603502f35ce',0,'unknown','[]','[]','$fNNanx8SvYhRxEnxLwkTDu1_qIMkfY7kglzrcA44lS0','120c9653a8e48253573c2c849453606b7bfedb84bbd9549ac43692c3ab30c5f5',0,NULL,NULL,'2026-11-28 08:45:20.152191',NULL,'2026-11-28 08:45:20.167142',0,'2026-11-28 08:45:20.267096',NULL,'$7Jd70irga0dAycy02VePhKceisp-h4FizAob14DJRPY',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(8,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','1e157f2b5e9de53281c6df711c726f3e',0,'command','[]','[]','$TsrjvzEn-LaDG99DLXWUO-nf3u7keW-2WC4dRBRNkGg','7601614a2a9cbb50b8d793358a162b7e64197b6fbcf481b681d17ae44eda1682',0,NULL,NULL,'2026-11-28 08:45:21.121640',NULL,'2026-11-28 08:45:21.417796',0,'2026-11-28 08:45:21.581219',NULL,'$pOX6COk7ymEWSU2WMpqCASZj71tgPL7qtz7fxyv__Wk',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(9,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','fe117f010a51c33405a16b72e143c9bd',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-11-28 08:45:22.553181',NULL,'2026-11-28 08:45:22.626400',0,'2026-11-28 08:45:22.817654',NULL,'$NRgile0x3wdOUz33ifFPqftzg-tRlkywZXgUtTiNtmg',0,'GKTITTKKRB',2,0);
INSERT INTO "outbox" VALUES(10,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','eef99eef288ee4e951808cdfcf1e4a43',0,'unknown','[]','[]','$e-7fr8tlK79B4XBtVUNY14zP4-TzcdRZrWeJeaOFg-Q','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,NULL,'2026-11-28 08:45:22.553181',NULL,'2026-11-28 08:45:22.626135',0,'2026-11-28 08:45:22.817854',NULL,'$JZiV8QGMcwDGSQPaD3SHMpFaUAga8FG5FnQsIwb4OYk',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(11,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','a39c86f573c6548b19d425ef8488a553',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:23.488213',NULL,'2026-11-28 08:45:23.497074',0,'2026-11-28 08:45:23.600565',NULL,'$88roOXnHaoRfH4YV6QNxuOWgBBjcAZh-Wj1Fxt-FGXQ',0,'GKTITTKKRB',2,0);
INSERT INTO "outbox" VALUES(12,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','fe13f5aedea7f15fdfba2ab21b4d74b1',1,'asked','[]','[]',NULL,NULL,1,NULL,NULL,'2026-11-28 08:45:24.212813',NULL,'2026-11-28 08:45:24.273899',0,'2026-11-28 08:45:24.379628',NULL,'$Cb0P_YRU1q8lQHLCIs3CZ-98CSS2ykNIKlTP738R5WI',0,'GKTITTKKRB',3,0);
INSERT INTO "outbox" VALUES(13,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','550bd82d784871b1cd862e5b42951d45',0,'unknown','[]','[]','$O_AG6OrX6FVyNhK8GWMdbRYzxu9J6FkPRvUMGh_Cp0Y','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,NULL,'2026-11-28 08:45:24.212813',NULL,'2026-11-28 08:45:24.264884',0,'2026-11-28 08:45:24.379432',NULL,'$qq3yuw1mQew-rj0l8eQvejF8luQKI4t55UXXtPkJ-JY',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(14,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','ab2832a5610ec7b7cb683a12a05793b3',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:24.756815',NULL,'2026-11-28 08:45:24.760740',0,'2026-11-28 08:45:24.797984',NULL,'$l8aQcdphvn_cHiEk9OGBrqEngBfbsiM5GwlkzP6ys1E',0,'GKTITTKKRB',3,0);
INSERT INTO "outbox" VALUES(15,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','0f741d07e4173bb4d47308d253958851',0,'draft','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:25.189589',NULL,'2026-11-28 08:45:25.194287',0,'2026-11-28 08:45:25.349491',NULL,'$pzlKXbKp0TAkUP9H_3rd7uKAeta-8eNTsa5GyyqYl0o',0,'GKTITTKKRB',4,0);
INSERT INTO "outbox" VALUES(16,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','a05aca2c11d762fafb79fbda8f06c395',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:25.349491',NULL,'2026-11-28 08:45:25.413918',0,'2026-11-28 08:45:25.527501',NULL,'$tnQrRKESVPKXA8LZaR6diMWCmG9UH_tQ_SYnxAIwLPA',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(17,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','38b4b594daa7fdc933a22bb8a4c44b8f',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:25.349491',NULL,'2026-11-28 08:45:25.536372',0,'2026-11-28 08:45:25.590030',NULL,'$ooa6r0RfQWsGuDWAqUsMhyynQ3QwHTsGdNIgEz2uveU',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(18,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','62932654b38071eceaa880b74a14e88c',0,'draft','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:25.754390',NULL,'2026-11-28 08:45:25.770595',0,'2026-11-28 08:45:26.108197',NULL,'$1rjHxMoDuzhcVxTKADvOt7iGSgjivuKoGXzIgAKSygg',0,'GKTITTKKRB',5,0);
INSERT INTO "outbox" VALUES(19,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','05919154db340ab90a85e079b4d0f615',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:26.108197',NULL,'2026-11-28 08:45:26.133484',0,'2026-11-28 08:45:26.234920',NULL,'$t4t9V3Z6q0niUd6Mg5RhtTUu68e1oXaU7bO1-GoSI1I',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(20,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','92d5ee6a73600a7240012539443a3ef9',2,'mark','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:26.108197',NULL,'2026-11-28 08:45:26.267408',0,'2026-11-28 08:45:26.453191',NULL,'$8CoWMvB5IE7Iwt4Ql5FT62TgDmgnPhmmwqUhNP3q_eU',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(21,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','6234f7dd22ead49a4450bceef8f8d31c',0,'command','[]','[]','$_pCVRsF6V-Jn3rENh557eZ_zRz6DqJMNyrgXZtMsT6U','1933ed2a04b16788b02c952dbe784de716a69132cc2d386e601901c4920af267',0,NULL,NULL,'2026-11-28 08:45:26.958023',NULL,'2026-11-28 08:45:26.985682',0,'2026-11-28 08:45:27.157310',NULL,'$L6DmMcZtTybVhzXwg6PfVZLwEZVRaZYfCOdt7347Uqc',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(22,'matrix','!DwldmmUizC8U0sii00MdU5VVNGySYUY1imYc3GYwFAk','4b6959db955fc26d73826f76fd444566',0,'unknown','[]','[]','$r0zSix_RLdcN08tAnwyC4MO4O54NB_dTJXTpMA5VB1o','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,NULL,'2026-11-28 08:45:28.382255',NULL,'2026-11-28 08:45:28.461480',0,'2026-11-28 08:45:28.699936',NULL,'$jTBn5sxsVquNzpSC7SlyC_u4bAkHHMzsYO3QmW8K6cY',0,'GKTITTKKRB',NULL,1);
INSERT INTO "outbox" VALUES(23,'matrix','!DwldmmUizC8U0sii00MdU5VVNGySYUY1imYc3GYwFAk','d0c0be301ff46873a1a65baa812f558b',2,'mark','[]','[]','$r0zSix_RLdcN08tAnwyC4MO4O54NB_dTJXTpMA5VB1o',NULL,0,NULL,NULL,'2026-11-28 08:45:28.699936',NULL,'2026-11-28 08:45:28.743379',0,'2026-11-28 08:45:28.893802',NULL,'$objDinH_Wok2YwK65apQs4GC_D0YLTzihmt6nPuyLFw',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(24,'discourse','topic/8','7519eaccbff44a5ed8e07acbd03da459',0,'answer','["formation-facilitation"]','[]','8/1','8b83e0040000746fdcd92520bb2f66c605367a6d7e29f4605b3d88e4a464ed48',0,NULL,NULL,'2026-11-28 08:45:29.498028',NULL,'2026-11-28 08:45:29.539450',0,'2026-11-28 08:45:29.687127',NULL,'8/2',0,'d57c4d5cd0fac43f',NULL,0);
INSERT INTO "outbox" VALUES(25,'discourse','topic/9','f1a422cd6a161cd2fe87c0a55b0c4524',0,'unknown','[]','[]','9/1','8b83e0040000746fdcd92520bb2f66c605367a6d7e29f4605b3d88e4a464ed48',0,NULL,NULL,'2026-11-28 08:45:29.614421',NULL,'2026-11-28 08:45:29.708846',0,'2026-11-28 08:45:29.855077',NULL,'9/2',0,'c43d7d94805f533f',NULL,0);
INSERT INTO "outbox" VALUES(26,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','ce19e9cfbc3b597cad0300ed0ec9b1ea',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:50.549161',NULL,'2026-11-28 08:45:51.779115',0,'2026-11-28 08:45:52.022383',NULL,'$oAJNZ9NuxGs6tNoLsTB22zgCBsjLL-gK9klPYoOUN3E',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(27,'discourse','category/annonces','5ed2175be763a2ab385999c1ec855303',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:50.549161',NULL,'2026-11-28 08:45:51.778772',0,'2026-11-28 08:45:52.193501',NULL,'14/1',0,'85c46baccbdb6983',NULL,0);
INSERT INTO "outbox" VALUES(28,'matrix','!aWv5dzXGZIwYswPjrUNHcVMjNfEF993ZU95Yzb1n3ME','1beecfa69699ffe7390d7d202978f7f5',0,'digest','[]','[]',NULL,NULL,0,NULL,NULL,'2026-11-28 08:45:50.549161',NULL,'2026-11-28 08:45:51.779216',0,'2026-11-28 08:45:52.125479',NULL,'$_JszG1MorjZzDT0HOzQx7WSZZV8f4TOoZYvd5CvizNw',0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(29,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','245ecceec7703478061583df7f0722f0',0,'short','["formation-facilitation"]','[]','$lqq71MsWE_dmwngaEYoV0AnBYgffshBi9mBEIGp6ynQ','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,'["reply", {"room": "!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ/$xieWUvazD3uF8-6ro8IIN2cYFFlJ0mFHwrmezUM_r4I?via=localhost)", "to": "$lqq71MsWE_dmwngaEYoV0AnBYgffshBi9mBEIGp6ynQ", "thread": null, "quiet": false, "mentions": ["@ana-r1:localhost"], "replaces": null, "choices": [], "title": null}]','2026-11-28 08:46:10.982633','2026-11-28 08:46:11.783245','2026-11-28 08:46:11.033543',1,NULL,NULL,NULL,0,'GKTITTKKRB',NULL,0);
INSERT INTO "outbox" VALUES(30,'matrix','!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ','c9ea7e7e50cd04983d3cdbe37a36330f',0,'short','["formation-facilitation"]','[]','$N09FqTg9OSdRe1Su2tJBDRHGJAA7QndMg4KttZ3MHmQ','9393b42f5079602dd91e0b71e0f75b8292824937d094c0e24d1e92dc22467aeb',0,NULL,'["reply", {"room": "!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ", "text": "**Se former \u00e0 la facilitation**\n\n- [La formation](https://formation.example/)\n\n[r\u00e9ponse compl\u00e8te plus haut](https://matrix.to/#/!tW-jb8wWi3jo_mtBaRNdF56YCXQy58Yimxi3ZnG3cHQ/$xieWUvazD3uF8-6ro8IIN2cYFFlJ0mFHwrmezUM_r4I?via=localhost)", "to": "$N09FqTg9OSdRe1Su2tJBDRHGJAA7QndMg4KttZ3MHmQ", "thread": null, "quiet": false, "mentions": ["@ana-r1:localhost"], "replaces": null, "choices": [], "title": null}]','2026-11-28 08:46:11.820130',NULL,NULL,0,NULL,NULL,NULL,0,NULL,NULL,0);
CREATE TABLE positions (
	channel TEXT NOT NULL, 
	position TEXT NOT NULL, 
	PRIMARY KEY (channel)
);
INSERT INTO "positions" VALUES('discourse','{"floor": 0, "post": 19, "private": 0, "notification": 22, "begun": null, "looked": "2026-11-28T08:46:11.424213+00:00"}');
INSERT INTO "positions" VALUES('matrix','s67_1_0_1_1_1_1_12_0_1_1_1_1_1');
CREATE TABLE questions (
	number INTEGER NOT NULL, 
	opened DATETIME NOT NULL, 
	closed DATETIME, 
	entry TEXT, 
	PRIMARY KEY (number)
);
INSERT INTO "questions" VALUES(1,'2026-11-28 08:45:20.152191',NULL,NULL);
INSERT INTO "questions" VALUES(2,'2026-11-28 08:45:22.553181',NULL,NULL);
INSERT INTO "questions" VALUES(3,'2026-11-28 08:45:24.212813',NULL,NULL);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',22);
INSERT INTO "sqlite_sequence" VALUES('outbox',30);
INSERT INTO "sqlite_sequence" VALUES('askings',4);
COMMIT;
