### The argument parser's own words.

parser-usage = Usage:
parser-commands = Commands
parser-arguments = Arguments
parser-options = Options
parser-command = COMMAND
parser-options-given = [OPTIONS]
# $value (String)
parser-default = [default: { $value }]
# $values (String)
parser-values = [possible values: { $values }]
parser-values-list = Possible values:
# $commands (String)
parser-commands-list = [subcommands: { $commands }]
parser-help-command = Print this message or the help of the given subcommand(s)
parser-help = Print help
parser-help-more = Print help (see more with '--help')
parser-help-less = Print help (see a summary with '-h')
parser-version = Print version
parser-error = error:
parser-tip = tip:
# $flag (String)
parser-more = For more information, try '{ $flag }'.
# $argument (String)
parser-unknown-argument = unexpected argument '{ $argument }' found
# $command (String)
parser-unknown-command = unrecognized subcommand '{ $command }'
parser-missing = the following required arguments were not provided:
# $command (String)
parser-no-command = '{ $command }' requires a subcommand but one was not provided
# $argument (String)
parser-no-value = a value is required for '{ $argument }' but none was supplied
# $value (String)
# $argument (String)
parser-invalid-value = invalid value '{ $value }' for '{ $argument }'
# $value (String)
# $argument (String)
parser-too-many = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
# $argument (String)
parser-twice = the argument '{ $argument }' cannot be used multiple times
# $argument (String)
# $other (String)
parser-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
# $argument (String)
parser-conflicts = the argument '{ $argument }' cannot be used with:
# $names (String)
parser-similar-command = a similar subcommand exists: { $names }
# $names (String)
parser-similar-commands = some similar subcommands exist: { $names }
# $names (String)
parser-similar-argument = a similar argument exists: { $names }
# $names (String)
parser-similar-arguments = some similar arguments exist: { $names }
# $names (String)
parser-similar-value = a similar value exists: { $names }
# $names (String)
parser-similar-values = some similar values exist: { $names }
# $argument (String)
# $escaped (String)
parser-as-value = to pass '{ $argument }' as a value, use '{ $escaped }'
