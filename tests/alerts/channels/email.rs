//! E-mail against a real SMTP server with its own certificate authority, read by another mail parser.
#![expect(clippy::unwrap_used, reason = "test code")]

use super::fixture::{
    LANGUAGES, PNG, alert, all_kinds, assert_no_secret, deliver, outcome, timed, with_chart,
};
use crate::support::peer::Peer;
use crate::support::places::{below_tests, free_port, python};
use impulso::actors::ports::alerts::DeliveryError;
use impulso::adapters::notify::email::{Email, EmailSettings, EmailTimes, Security};
use serde_json::Value;
use std::io::{Read, Write};
use std::time::Duration;

const PASSWORD: &str = "pass-Secret";

pub(super) struct Server {
    peer: Peer,
    ports: [u16; 3],
    folder: tempfile::TempDir,
}

impl Server {
    pub(super) fn start() -> Self {
        let (ports, folder) = ([free_port(), free_port(), free_port()], tempfile::tempdir().unwrap());
        let mut command = std::process::Command::new(python("python"));
        command
            .arg(below_tests("support/smtp_server.py"))
            .args(ports.map(|p| p.to_string()))
            .arg(folder.path());
        Self { peer: Peer::start(&mut command), ports, folder }
    }

    pub(super) fn settings(&self, security: Security, to: &[&str]) -> EmailSettings {
        let index = [Security::None, Security::StartTls, Security::Tls].iter().position(|s| *s == security);
        let login = security != Security::None;
        EmailSettings {
            port: self.ports[index.unwrap()],
            security,
            username: login.then(|| "user".to_owned()),
            password: login.then(|| PASSWORD.into()),
            ca_pem: Some(std::fs::read(self.folder.path().join("ca.pem")).unwrap()),
            dashboard_url: Some("https://impulso.example".to_owned()),
            ..EmailSettings::new(
                "localhost",
                "Impulso ⚡ <impulso@example.org>",
                to.iter().map(|t| (*t).to_owned()).collect(),
            )
        }
    }

    pub(super) fn mail(&self) -> Value {
        serde_json::from_str(&self.peer.line()).unwrap()
    }
}

pub(super) fn hasty(settings: EmailSettings) -> Email {
    let times = EmailTimes { connect: Duration::from_millis(800), whole: Duration::from_secs(3) };
    Email::with_times(settings, times)
}

#[actix_rt::test]
async fn mail_goes_over_starttls_and_tls_with_a_login() {
    let server = Server::start();
    for security in [Security::StartTls, Security::Tls] {
        let settings = server.settings(security, &["Ana <ana@example.org>", "bob@example.org"]);
        settings.check().unwrap();
        let receipt = deliver(&hasty(settings), with_chart("币<i>USDT")).await.unwrap();
        let mail = server.mail();
        assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &true.into()), "{security:?}");
        assert_eq!(mail["to"], serde_json::json!(["ana@example.org", "bob@example.org"]));
        assert_eq!(
            (&mail["from"], mail["id"].as_str()),
            (&"impulso@example.org".into(), receipt.id.as_deref())
        );
        assert_eq!(mail["subject"], "FUERTE 币<i>USDT ▲ (puede ser repetido)");
        assert_eq!(mail["defects"].as_array().unwrap().len(), 0);
        let parts = mail["parts"].as_array().unwrap();
        let kinds: Vec<&str> = parts.iter().map(|p| p["type"].as_str().unwrap()).collect();
        let expected = ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"];
        assert_eq!(kinds, expected);
        assert_eq!((&parts[4]["cid"], &parts[4]["hex"]), (&"<chart>".into(), &hex::encode(PNG).into()));
        let html = parts[3]["text"].as_str().unwrap();
        assert!(
            html.contains("src=\"cid:chart\"") && html.contains("币&lt;i&gt;USDT") && !html.contains("<i>")
        );
        for text in [parts[1]["text"].as_str().unwrap(), html] {
            for part in ["91.5", "RSI 20.0", "71.25%", "40.4%", "0.001234 USDT", "3.5 M USDT", "ALTA 74.0"] {
                assert!(text.contains(part), "{part} missing in {text}");
            }
            assert!(text.contains("https://impulso.example/s/%E5%B8%81%3Ci%3EUSDT"), "{text}");
        }
    }
}

#[actix_rt::test]
async fn every_kind_arrives_and_a_second_try_has_the_same_id() {
    let server = Server::start();
    for language in LANGUAGES {
        for parcel in all_kinds() {
            let settings =
                EmailSettings { language, ..server.settings(Security::None, &["ana@example.org"]) };
            let ids: Vec<String> = [
                deliver(&hasty(settings.clone()), parcel.clone()).await.unwrap().id.unwrap(),
                deliver(&hasty(settings.clone()), parcel.clone()).await.unwrap().id.unwrap(),
                deliver(&hasty(EmailSettings { to: vec!["bob@example.org".into()], ..settings }), parcel)
                    .await
                    .unwrap()
                    .id
                    .unwrap(),
            ]
            .into();
            let mails = [server.mail(), server.mail(), server.mail()];
            assert!(mails.iter().zip(&ids).all(|(mail, id)| mail["id"] == id.as_str()));
            assert!(ids[0] == ids[1] && ids[0] != ids[2], "{ids:?}");
            assert_eq!(mails[0]["defects"].as_array().unwrap().len(), 0);
        }
    }
}

#[actix_rt::test]
async fn the_servers_word_decides() {
    let server = Server::start();
    for (to, expected, arrives) in [
        ("busy@example.org", "retry", false),
        ("nobody@example.org", "mend MailRecipient", false),
        ("quota@example.org", "retry", false),
        ("blocked@example.org", "retry", false),
        ("full@example.org", "retry", false),
        ("spam@example.org", "rejected", false),
        ("drop@example.org", "uncertain", true),
        ("slow@example.org", "uncertain", true),
    ] {
        let channel = hasty(server.settings(Security::StartTls, &[to]));
        let (result, took) = timed(deliver(&channel, alert("BTCUSDT"))).await;
        assert_eq!(outcome(&result), expected, "{to}: {result:?}");
        assert_no_secret(&result, &[PASSWORD]);
        assert!(took < Duration::from_secs(10), "{took:?}");
        assert_eq!(server.peer.line_so_far().is_some(), arrives, "{to}");
    }
}

#[actix_rt::test]
async fn nothing_is_sent_where_the_connection_is_not_as_it_must_be() {
    let server = Server::start();
    let good = || server.settings(Security::StartTls, &["ana@example.org"]);
    let wrong_password = EmailSettings { password: Some("not-Secret".into()), ..good() };
    // A server that offers no STARTTLS, as after an attack on the connection.
    let stripped = EmailSettings { port: server.ports[0], ..good() };
    let unknown_ca = EmailSettings { ca_pem: None, ..good() };
    let unknown_ca_tls =
        EmailSettings { ca_pem: None, ..server.settings(Security::Tls, &["ana@example.org"]) };
    let tls_to_plain = EmailSettings { port: server.ports[0], security: Security::Tls, ..good() };
    let refused = EmailSettings { port: free_port(), ..good() };
    let nowhere = EmailSettings { host: "nowhere.invalid".into(), ..good() };
    for (name, settings, expected) in [
        ("wrong password", wrong_password, "mend MailLogin"),
        ("no STARTTLS", stripped, "mend MailServer"),
        ("unknown authority", unknown_ca, "retry"),
        ("unknown authority, TLS", unknown_ca_tls, "retry"),
        ("TLS to a plain port", tls_to_plain, "retry"),
        ("refused", refused, "retry"),
        ("no such host", nowhere, "retry"),
        ("no address", EmailSettings { from: "nobody".into(), ..good() }, "rejected"),
    ] {
        let result = deliver(&hasty(settings), alert("BTCUSDT")).await;
        assert_eq!(outcome(&result), expected, "{name}: {result:?}");
        assert_no_secret(&result, &[PASSWORD, "not-Secret"]);
    }
    assert_eq!(server.peer.line_so_far(), None, "no mail went out");
}

#[actix_rt::test]
async fn a_server_that_goes_silent_holds_nobody() {
    // Greets, answers to EHLO and says nothing any more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.write_all(b"220 hello\r\n");
        let mut line = [0; 512];
        let _ = socket.read(&mut line);
        let _ = socket.write_all(b"250-here\r\n250 AUTH PLAIN\r\n");
        while socket.read(&mut line).is_ok_and(|n| n > 0) {}
    });
    let settings = EmailSettings {
        port,
        security: Security::None,
        username: Some("user".into()),
        password: Some(PASSWORD.into()),
        ..EmailSettings::new("localhost", "a@example.org", vec!["b@example.org".into()])
    };
    assert!(!format!("{settings:?} {:?}", Email::new(settings.clone())).contains(PASSWORD));
    let (result, took) = timed(deliver(&hasty(settings), alert("BTCUSDT"))).await;
    assert!(matches!(result, Err(DeliveryError::Retry { .. })), "nothing was handed over: {result:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
