//! Settings that had another name before, in one place: they are answered by an error that tells the new name, and
//! `impulso config migrate` rewrites a file.

use super::error::SettingsError;
use crate::i18n::Text;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Old and new key. Both stand in the same section: a file is rewritten by putting one name in another's place.
const RENAMED: [(&str, &str); 12] = [
    ("exchange.rotate_after_s", "exchange.connection_max_age_s"),
    ("exchange.silent_after_s", "exchange.connection_idle_timeout_s"),
    ("exchange.pair_silent_after_s", "exchange.pair_idle_timeout_s"),
    ("analysis.idle_query_s", "analysis.rest_refresh_after_s"),
    ("model.adapt_most_down", "model.adapt_max_decrease"),
    ("model.adapt_most_up", "model.adapt_max_increase"),
    ("model.adapt_full_below", "model.adapt_fade_from"),
    ("model.adapt_none_above", "model.adapt_fade_to"),
    ("model.adapt_slope_least", "model.adapt_slope_min"),
    ("model.adapt_slope_most", "model.adapt_slope_max"),
    ("experiment.learn_min_days", "experiment.training_min_days"),
    ("alert.episode_forget_s", "alert.episode_timeout_s"),
];

/// What a key is called now, if it has another name.
pub(super) fn new_name(key: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(old, _)| *old == key).map(|(_, new)| *new)
}

/// A settings file with the names of today, all else as it was.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Migrated {
    pub(crate) text: String,
    /// Each old key with its new one, in the order of the file.
    pub(crate) renamed: Vec<(&'static str, &'static str)>,
}

/// # Errors
/// A text that is no TOML, or one that has a setting under both names.
pub(crate) fn migrate(path: &Path, text: &str) -> Result<Migrated, SettingsError> {
    let place = || path.display().to_string();
    let unreadable = |e: toml::de::Error| SettingsError::Unreadable {
        place: place(),
        reason: Text::verbatim(e.to_string()),
    };
    let tree = DeTable::parse(text).map_err(unreadable)?;
    let mut found: Vec<(Range<usize>, &str, &str)> = Vec::new();
    for (old, new) in RENAMED {
        let Some(at) = find(tree.get_ref(), old) else { continue };
        if find(tree.get_ref(), new).is_some() {
            return Err(SettingsError::BothNames { place: place(), old, new });
        }
        found.push((at, old, new));
    }
    // They were found in the order of the table of names, not of the file.
    found.sort_by_key(|(at, ..)| at.start);
    let mut migrated = text.to_owned();
    // From the end, so that the places before stay right.
    for (at, _, new) in found.iter().rev() {
        migrated.replace_range(at.clone(), new.rsplit('.').next().unwrap_or(new));
    }
    Ok(Migrated { text: migrated, renamed: found.into_iter().map(|(_, old, new)| (old, new)).collect() })
}

/// Where the last name of a key stands in the file.
fn find(tree: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    let (name, rest) = key.split_once('.').map_or((key, None), |(name, rest)| (name, Some(rest)));
    let (found, value) = tree.iter().find(|(k, _)| k.get_ref() == name)?;
    match (rest, value.get_ref()) {
        (None, _) => Some(found.span()),
        (Some(rest), DeValue::Table(inner)) => find(inner, rest),
        (Some(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, Sources};

    #[test]
    fn a_file_keeps_all_but_the_names() {
        let old = "# mine\nmodel.adapt_most_up = 0.1 # not too far\n\n[exchange] # here\n  'silent_after_s'   = 20\n\
                   connections = 3\n[analysis]\nidle_query_s = 60 # soon\n";
        let Migrated { text: new, renamed } = migrate(Path::new("my.toml"), old).unwrap();
        let expected = "# mine\nmodel.adapt_max_increase = 0.1 # not too far\n\n[exchange] # here\n  \
                        connection_idle_timeout_s   = 20\nconnections = 3\n[analysis]\nrest_refresh_after_s = 60 # soon\n";
        assert_eq!(new, expected);
        assert_eq!(renamed.len(), 3);
        assert_eq!(renamed[0], ("model.adapt_most_up", "model.adapt_max_increase"));
        assert_eq!(
            migrate(Path::new("my.toml"), &new).unwrap(),
            Migrated { text: new.clone(), renamed: vec![] }
        );
        Settings::load(&Sources { file: Some(("my.toml".into(), new)), ..Sources::default() }).unwrap();
    }

    #[test]
    fn old_names_lead_to_the_new_ones_and_both_at_once_are_refused() {
        for (old, new) in RENAMED {
            let text = format!("{old} = 1\n");
            let sources = Sources { file: Some(("my.toml".into(), text.clone())), ..Sources::default() };
            let error = Settings::load(&sources).unwrap_err().to_string();
            assert!(
                error.contains(old) && error.contains(new) && error.contains("config migrate"),
                "{error}"
            );
            let mut env = Sources::default();
            env.env.insert(format!("IMPULSO__{}", old.replace('.', "__").to_uppercase()), "1".into());
            assert!(Settings::load(&env).unwrap_err().to_string().contains(new));
            let both = migrate(Path::new("my.toml"), &format!("{text}{new} = 1\n")).unwrap_err();
            assert!(both.to_string().contains("both"), "{both}");
        }
    }
}
