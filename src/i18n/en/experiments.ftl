### The experiment page.

## The experiment

experiments = Experiments
experiments-intro = Other rules and models score the same market in the shadow, and each is held against what is in force on the same pairs and moments. A rule set beforehand decides.
no-experiment = There is no experiment here: it is switched off, no history is kept, or this is a read-only node.
experiment-early = There is no report yet; it comes some seconds after the first ranking.
arms = Arms
arm = Arm
in-force = In force
arm-rule = The rule alone
arm-tuned = Tuned rule
arm-previous = What was before
arm-challenger-model = Retrained model
arm-challenger-rule = Retuned rule
made-of = Model and profile
rule-alone = no model
arm-since = Since
brier-both = Brier: own / baseline
resolved-days = Samples / days
standing = Standing
needs-days = needs more days
needs-samples = needs more samples
needs-fuerte = needs more judged FUERTE
stands-better = better for certain
stands-fuerte-worse = better chances, but FUERTE is right less often
stands-worse = worse for certain
stands-equal = no certain difference
rule-set = The rule, set beforehand
min-days = Days, at least
min-resolved = Samples that both judged
min-fuerte = Judged FUERTE of each
rollback-days = Days until a way back
promotes-itself = Better means that the 90 % interval by whole days does not touch zero. What is better takes over by itself, and goes back by itself when it no longer is.
promotes-asked = Better means that the 90 % interval by whole days does not touch zero. Nothing changes without an order: impulso experiment promote ARM.
experiment-log = Book of changes
experiment-log-empty = Nothing was changed so far.
experiment-log-when = When
what-was-done = What
by-whom = By
by-rule = the rule
experiment-log-detail = Detail
done-started = starts in the shadow
done-promoted = takes over
done-rolled-back = is rolled back
done-refused = refused
done-failed = failed
