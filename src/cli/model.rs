//! `impulso model`.

use super::lang::t;
use super::output::{calls, interval, percent, say};
use super::settings::SettingsArgs;
use crate::app::learning::{arm_store, models};
use crate::i18n::{OrFail, Texts, text};
use crate::learning::evaluation::daily::Precision;
use crate::learning::evaluation::hits::ENOUGH;
use crate::learning::model::{CARD_FROM, Figures, LeftOut, Model};
use clap::Subcommand;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, read once from the command line")]
pub(super) enum ModelAction {
    #[command(about = t().help_model_show(), after_help = t().help_model_show_examples())]
    Show {
        #[arg(default_value = "default", help = t().help_model_file())]
        model: String,
    },
    #[command(about = t().help_model_compare())]
    Compare {
        #[arg(help = t().help_model_file())]
        a: String,
        #[arg(help = t().help_model_file())]
        b: String,
    },
    #[command(about = t().help_model_activate(), after_help = t().help_model_activate_examples())]
    Activate {
        #[arg(help = t().help_model_or_none())]
        model: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

pub(super) fn run(action: ModelAction) -> anyhow::Result<ExitCode> {
    match action {
        ModelAction::Show { model } => say(card(&*named(&model)?, t()).trim_end()),
        ModelAction::Compare { a, b } => say(side_by_side(&*named(&a)?, &*named(&b)?, t())),
        ModelAction::Activate { model, settings } => {
            let activated = arm_store::activate(&model, &settings.load()?)?;
            say(match activated {
                _ if model == models::DEFAULT => t().model_activated_default(),
                Some(model) => t().model_activated(&model.card.name),
                None => t().model_activated_none(),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(name: &str) -> anyhow::Result<Arc<Model>> {
    Ok(models::open(name)?.or_fail(|| text!(model_none_to_show))?)
}

fn side_by_side(a: &Model, b: &Model, t: &Texts) -> String {
    let only = |x: &Model, y: &Model| {
        let own: Vec<&str> =
            x.features.iter().filter(|f| !y.features.contains(f)).map(String::as_str).collect();
        let name = &x.card.name;
        if own.is_empty() {
            t.model_no_features_alone(name)
        } else {
            t.model_features_alone(name, own.join(", "))
        }
    };
    format!("{}\n{}\n{}\n{}\n", card(a, t), card(b, t), only(a, b), only(b, a))
}

/// A model's card as text.
pub(super) fn card(model: &Model, t: &Texts) -> String {
    let card = &model.card;
    let (features, trees) = (model.features.len(), model.trees());
    let mut lines =
        vec![t.model_name(&card.name, &card.target), t.model_size(features, trees, card.embargo_h)];
    lines.extend(card.trained_on.iter().map(|p| {
        let base = format!("{:.1}", 100.0 * p.base_rate);
        t.model_trained_on(&p.from, &p.to, p.pairs, p.points, base)
    }));
    lines.push(String::new());
    lines.push(format!(
        "{:<17} {:<10} {:>7}  {:>6}    AUC   Brier    ECE  {}",
        t.model_out_of_time(),
        t.model_kind(),
        t.model_points(),
        t.model_base(),
        t.model_chance_above("60 %")
    ));
    lines.extend(card.metrics.iter().map(|f| figures(f, t)));
    lines.push(String::new());
    lines.extend(left_out(&card.left_out, t));
    lines.extend(regimes(&card.left_out, t));
    lines.extend(card.notes.iter().cloned());
    lines.join("\n") + "\n"
}

fn figures(f: &Figures, t: &Texts) -> String {
    format!(
        "{:<17} {:<10} {:>7}  {:>6.1}  {:.3}  {:.4}  {:.3}  {}",
        f.split,
        f.kind,
        f.points,
        100.0 * f.base_rate,
        f.auc,
        f.brier,
        f.ece,
        t.model_points_hits(f.fuerte_points, percent(f.fuerte_precision))
    )
}

/// Each period by a model of the other ones.
fn left_out(periods: &[LeftOut], t: &Texts) -> Vec<String> {
    if periods.is_empty() {
        return Vec::new();
    }
    let heading = format!(
        "{:<24} {:>7}  {:>6}    AUC    ECE  FUERTE",
        t.model_left_out(),
        t.model_points(),
        t.model_base()
    );
    let figure = |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"));
    let one = |p: &LeftOut| {
        format!(
            "{:<24} {:>7}  {:>6.1}  {:>5}  {:>5}  {}",
            span(p).unwrap_or_else(|| t.model_all_periods()),
            p.points,
            100.0 * p.base_rate,
            figure(p.auc),
            figure(p.ece),
            calls(&p.fuerte, t)
        )
    };
    let rows = periods.iter().map(one);
    [heading].into_iter().chain(rows).chain([String::new()]).collect()
}

/// First and last day of a period; `None` for all together.
fn span(period: &LeftOut) -> Option<String> {
    let day = |at: &String| at.chars().take(10).collect::<String>();
    period.span.as_ref().map(|[from, to]| format!("{} - {}", day(from), day(to)))
}

/// In which markets it was seen to hold and in which to break. FUERTE promises `CARD_FROM`, so it breaks where less comes true.
fn regimes(periods: &[LeftOut], t: &Texts) -> Vec<String> {
    let single: Vec<(&LeftOut, String)> = periods.iter().filter_map(|p| Some((p, span(p)?))).collect();
    let of = |p: &LeftOut| p.fuerte.precision.filter(|_| p.fuerte.judged >= ENOUGH);
    let named = |keep: &dyn Fn(Option<f64>) -> bool| {
        let spans: Vec<&str> =
            single.iter().filter(|(p, _)| keep(of(p))).map(|(_, span)| span.as_str()).collect();
        (!spans.is_empty()).then(|| spans.join(", "))
    };
    let line = (100.0 * CARD_FROM) as u32;
    let weakest = single.iter().filter_map(|(p, span)| Some((of(p)?, *p, span)));
    let weakest = weakest.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, p, span)| {
        let Precision { hits, judged, precision, .. } = p.fuerte;
        let right = format!("{}, {} {}", t.hits_of(hits, judged), percent(precision), interval(&p.fuerte, t));
        t.model_weakest(span, format!("{:.1}", 100.0 * p.base_rate), right)
    });
    let told = [
        named(&|share| share >= Some(CARD_FROM)).map(|spans| t.model_held(line, spans)),
        named(&|share| share.is_some_and(|share| share < CARD_FROM)).map(|spans| t.model_broke(line, spans)),
        named(&|share| share.is_none()).map(|spans| t.model_cannot_say(ENOUGH, spans)),
        weakest,
    ];
    let mut lines: Vec<String> = told.into_iter().flatten().collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn the_card_names_where_it_held_where_it_broke_and_where_it_was_weakest() {
        let period = |year: i32, hits, judged| LeftOut {
            span: (year > 0).then(|| [format!("{year}-01-01T00:00:00Z"), format!("{year}-04-30T00:00:00Z")]),
            base_rate: 0.15,
            fuerte: Precision {
                judged,
                hits,
                precision: (judged > 0).then(|| f64::from(hits) / f64::from(judged)),
                interval_90: (judged > 0).then_some([0.3, 0.7]),
            },
            ..LeftOut::default()
        };
        let all = [
            period(2021, 70, 100),
            period(2022, 44, 100),
            period(2023, 3, 19),
            period(2024, 60, 100),
            period(0, 177, 319),
        ];
        let lines = |language: Language| regimes(&all, language.texts());
        assert_eq!(
            lines(Language::En),
            [
                "Seen to hold (FUERTE right in 60 % and more): 2021-01-01 - 2021-04-30, 2024-01-01 - 2024-04-30",
                "Seen to break (FUERTE right in less than 60 %): 2022-01-01 - 2022-04-30",
                "Too few FUERTE to say (20 are needed): 2023-01-01 - 2023-04-30",
                "Weakest: 2022-01-01 - 2022-04-30, base rate 15.0 %: FUERTE right in 44 of 100, 44.0 % (90 %: 30.0 to 70.0 %)",
                "",
            ]
        );
        let es = lines(Language::Es);
        assert!(es[1].starts_with("Falló") && es[3].starts_with("El más débil: 2022-01-01"), "{es:?}");
        assert!(regimes(&[], Language::En.texts()).is_empty());
    }
}
