//! Settings from all their places, and their errors.

use super::{Settings, SettingsError, Sources, migrate};
use crate::domain::score::profile::Profile;
use crate::domain::time::Interval;
use secrecy::ExposeSecret;
use std::path::Path;
use std::time::Duration;

fn file(text: &str) -> Sources {
    Sources { file: Some(("my.toml".into(), text.to_owned())), ..Sources::default() }
}

fn message(sources: &Sources) -> String {
    Settings::load(sources).expect_err("must be refused").to_string()
}

#[test]
fn the_defaults_hold_and_the_profile_is_base() {
    let settings = Settings::load(&Sources::default()).expect("defaults are right");
    assert_eq!(*settings.analysis.profile, Profile::default());
    assert_eq!((settings.cycle.interval, settings.analysis.tf), (Duration::from_secs(30), Interval::M15));
}

#[test]
fn flag_goes_over_environment_over_file_over_default() {
    let mut sources = file("[cycle]\ninterval_s = 10\n[ranking]\nmin_price = 0.5\n[web]\nworkers = 3\n");
    sources.env.insert("IMPULSO__CYCLE__INTERVAL_S".into(), "5".into());
    sources.env.insert("IMPULSO__RANKING__MIN_PRICE".into(), "0.6".into());
    sources.env.insert("PATH".into(), "/bin".into());
    sources.flags.push(("cycle.interval_s".into(), "1".into()));
    let settings = Settings::load(&sources).expect("all right");
    let found = (settings.cycle.interval, settings.ranking.min_price, settings.web.workers);
    assert_eq!(found, (Duration::from_secs(1), 0.6, 3));
    let shown = settings.to_toml();
    for line in ["interval_s = 1  # flag", "min_price = 0.6  # environment", "workers = 3  # my.toml"] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
    assert!(shown.contains("close_grace_ms = 2000  # default"), "{shown}");
}

#[test]
fn unknown_keys_are_named_with_their_place_and_the_allowed_ones() {
    let text = message(&file("[cycle]\nintervall_s = 10\n"));
    assert!(text.contains("'cycle.intervall_s' in my.toml; did you mean 'interval_s'?"), "{text}");
    assert!(text.contains("close_grace_ms, deadline_ms, interval_s"), "{text}");
    let mut sources = Sources::default();
    sources.env.insert("IMPULSO__CYLCE__INTERVAL_S".into(), "5".into());
    let text = message(&sources);
    assert!(text.contains("'cylce' in the environment") && text.contains("'cycle'"), "{text}");
    let text = message(&file("[analysis.profile.rsi]\noversold = 1.0\n"));
    assert!(text.contains("analysis.profile.rsi.oversold"), "{text}");
}

#[test]
fn wrong_values_name_key_value_and_allowed() {
    let cases = [
        ("[cycle]\ninterval_s = 0\n", "'cycle.interval_s' is 0; allowed: 1 to 3600"),
        ("[cycle]\ninterval_s = 7\n", "a divisor of an hour"),
        ("[exchange]\nbase_interval = \"2m\"\n", "'exchange.base_interval' is \"2m\"; allowed: 1m, 3m"),
        (
            "[exchange]\nrest_url = \"localhost\"\n",
            "'exchange.rest_url' is \"localhost\"; allowed: values such as https://HOST[:PORT], http://HOST[:PORT]",
        ),
        ("[analysis]\ntf_minutes = 7\n", "'analysis.tf_minutes' is 7; allowed: 1, 3, 5, 15, 30, 60"),
        ("[analysis.profile.levels]\nfuerte = 10.0\n", "analysis.profile.levels"),
        ("[web]\nbind = \"8080\"\n", "'web.bind' is \"8080\""),
        ("[log]\nlevel = \"info=loud=x\"\n", "log.level"),
    ];
    for (text, expected) in cases {
        let found = message(&file(text));
        assert!(found.contains(expected), "{text}: {found}");
    }
    let found = message(&file("[cycle]\ninterval_s = \"soon\"\n"));
    assert!(found.contains("cycle.interval_s") && found.contains("soon"), "{found}");
    assert!(matches!(Settings::load(&file("[cycle")), Err(SettingsError::Unreadable { .. })));
}

#[test]
fn a_bar_that_is_no_multiple_of_the_base_names_both() {
    let found = message(&file("[exchange]\nbase_interval = \"30m\"\n"));
    assert!(found.contains("analysis.tf_minutes") && found.contains("exchange.base_interval"), "{found}");
    assert!(found.contains("15") && found.contains("30m"), "{found}");
    let five = Settings::load(&file("[exchange]\nbase_interval = \"5m\"\n")).expect("15 is a multiple of 5");
    assert_eq!(five.exchange.base(), Interval::M5);
}

#[test]
fn the_state_folder_follows_the_platform() {
    let state = |dir: &str| super::StateSettings { dir: dir.to_owned() };
    assert_eq!(state("/x").folder(Some("/home/a"), None).to_str(), Some("/x"));
    assert_eq!(state("").folder(Some("/h"), Some("/s")).to_str(), Some("/s/impulso"));
    assert_eq!(state("").folder(Some("/h"), Some("")).to_str(), Some("/h/.local/state/impulso"));
}

#[test]
fn what_a_panic_or_log_would_print_holds_no_secret() {
    let text = "[channels.telegram]\ntoken = \"1:SECRETA\"\n[channels.discord]\nwebhook_urls = [\"https://x/SECRETB\"]\n\
                [channels.email]\npassword = \"SECRETC\"\n[channels.webhook]\nurl = \"https://x/SECRETD\"\nsecret = \"SECRETE\"\n\
                [redis]\nurl = \"redis://u:SECRETF@h\"\n[history]\nstore = \"clickhouse:http://u:SECRETG@h/d\"\n";
    let settings = Settings::load(&file(text)).expect("all right");
    for shown in [format!("{settings:?}"), settings.to_toml()] {
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(shown.contains("u:[redacted]@h"), "{shown}");
    }
    assert_eq!(settings.redis.url.expose(), "redis://u:SECRETF@h");
}

#[test]
fn other_origins_are_named_one_by_one() {
    let mut sources = Sources::default();
    let list = "https://board.example,http://localhost:3000";
    sources.env.insert("IMPULSO__WEB__CORS_ORIGINS".into(), list.into());
    let settings = Settings::load(&sources).expect("right");
    assert_eq!(settings.web.cors_origins, ["https://board.example", "http://localhost:3000"]);
    for wrong in ["*", "https://*.example.org", "board.example", "https://board.example/x", "https://"] {
        let text = message(&file(&format!("[web]\ncors_origins = [\"{wrong}\"]\n")));
        assert!(text.contains("web.cors_origins") && text.contains("https://example.org"), "{wrong}: {text}");
    }
}

/// Settings of version 0.1, each with another value than the default where it may have one.
const OTHER_VALUES: &str = include_str!("../../tests/fixtures/v0.1/settings.toml");

#[test]
fn each_setting_alone_arrives_in_the_struct_that_uses_it() {
    let text = migrate(Path::new("old.toml"), OTHER_VALUES).expect("TOML").text;
    let (defaults, other) =
        (Settings::load(&Sources::default()).unwrap(), Settings::load(&file(&text)).unwrap());
    let shown = |settings: Settings| format!("{:?}", Settings { origins: Default::default(), ..settings });
    let mut tried = 0;
    for (key, (value, _)) in &other.origins {
        // The profile's points must keep to one sum.
        let alone = !key.starts_with("analysis.profile.");
        if alone && defaults.origins.get(key).is_some_and(|(default, _)| default != value) {
            let alone = Settings::load(&file(&format!("{key} = {value}\n"))).expect(key);
            assert_ne!(shown(alone), shown(defaults.clone()), "{key} = {value} changes nothing");
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried}");
}

#[test]
fn texts_of_the_environment_become_what_the_setting_is() {
    let mut sources = Sources::default();
    let list = [
        ("IMPULSO__HISTORY__ENABLED", "off"),
        ("IMPULSO__WEB__PUBLIC_READ", "1"),
        ("IMPULSO__CHANNELS__TELEGRAM__TOKEN", "123"),
        ("IMPULSO__CHANNELS__EMAIL__TO", "a@example.org, b@example.org"),
        ("IMPULSO__EXCHANGE__BASE_INTERVAL", "3m"),
    ];
    sources.env.extend(list.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let settings = Settings::load(&sources).expect("all right");
    assert_eq!((settings.history.enabled, settings.web.public_read), (false, true));
    assert_eq!(settings.channels.email.mail.to, ["a@example.org", "b@example.org"]);
    assert_eq!(settings.exchange.base(), Interval::M3);
    assert_eq!(settings.channels.telegram.token.expose_secret(), "123");
    for (key, value) in [("INTERVAL_S", "7.5"), ("DEADLINE_MS", "-1"), ("DEADLINE_MS", "soon")] {
        let mut sources = Sources::default();
        sources.env.insert(format!("IMPULSO__CYCLE__{key}"), value.into());
        assert!(message(&sources).contains(value), "{key} = {value}");
    }
}

#[test]
fn variables_with_one_underscore_are_told_their_right_name() {
    let told = |name: &str| {
        let mut sources = Sources::default();
        sources.env.insert(name.into(), "1".into());
        Settings::load(&sources).err().map(|error| error.to_string())
    };
    let cases = [
        ("IMPULSO_WEB_BIND", "IMPULSO__WEB__BIND"),
        ("IMPULSO_WEB__BIND", "IMPULSO__WEB__BIND"),
        ("impulso_cycle_interval_s", "IMPULSO__CYCLE__INTERVAL_S"),
        ("IMPULSO_REST_URL", "IMPULSO__EXCHANGE__REST_URL"),
        ("IMPULSO_LOG_LEVLE", "IMPULSO__LOG__LEVEL"),
        ("IMPULSO_CHANNELS_TELEGRAM_TOKEN", "IMPULSO__CHANNELS__TELEGRAM__TOKEN"),
        ("IMPULSO_TELEGRAM_TOKEN", "IMPULSO__CHANNELS__TELEGRAM__TOKEN"),
        ("IMPULSO_WEB_SOMETHING", "IMPULSO__SECTION__KEY"),
    ];
    for (name, right) in cases {
        let told = told(name).unwrap_or_else(|| panic!("{name} is passed over"));
        assert!(told.contains(name) && told.contains(right), "{name}: {told}");
    }
    for other in [
        "IMPULSO_SERVICE_HOST",
        "IMPULSO_PORT_8080_TCP_ADDR",
        "IMPULSO_PORT",
        "IMPULSO_BIN",
        "IMPULSOR_WEB_BIND",
    ] {
        assert_eq!(told(other), None, "{other} is no setting");
    }
}
