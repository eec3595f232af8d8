"""Console hints: for a sentence of the engine, the command or option that does what it asks for.

A sentence of the engine names no command and no option, because pages and mail say it too. `Texts` puts the hint of
its door after it. Facts of the sentence stand in the hint, too.
"""

from workflows.messages import N_

HINTS = {
    N_("State whose meetings the file contains."): N_("Use --body."),
    N_("See the comments in the arshjul.toml of a new home."): N_("`arshjul init` makes one."),
    N_("Left out, because no body is named: {events}."): N_("With --body they belong to one body."),
    N_("Remove the meetings if they are registered."): N_("Use `arshjul meetings remove`."),
    N_("Cancelled or moved in the file, but still registered: {events}."): N_(
        "Remove cancelled meetings with `arshjul meetings remove`."
    ),
    N_("A substitute has the role for a time. Give the role's last day."): N_("Use --to."),
    N_("The role {role} applies to the whole municipality, not to a body."): N_("Leave out --body."),
    N_("The role {role} belongs to a body. Choose one of: {bodies}."): N_("Give the body with --body."),
    N_("The boards have plans of their own in this phase ({missing}). State whether they follow."): N_(
        "Use --with-boards or --without-boards."
    ),
    N_("Nothing is due in the state that the plan waits in. Move its deadline."): N_(
        "Use `arshjul move-deadline` with --state."
    ),
    N_("A timetable is replaced together with its dates."): N_("Use `arshjul timetable {cycle} --replace`."),
    N_("There is nothing to change."): N_("Give --name, --email or --language."),
    N_("This reminds {people} people of {plans} plans."): N_("Check with --dry-run. Then run it again with --yes."),
    N_("Dates that depend on a changed one: {dates}."): N_(
        'Accept them with `arshjul timetable {cycle} --accept --reason "…"`.'
    ),
    N_("The cycle {cycle} has no timetable that a body decides."): N_("Use --accept or `arshjul migrate`."),
    N_("The cycle {cycle} is a draft, whose timetable is decided in a step of its own."): N_(
        "Before that step, take the dates of the files with `arshjul migrate {cycle} --dates recompute`."
    ),
    N_("The files have other phases or states than {cycle}: {other}."): N_(
        "Bring the cycle up to date with `arshjul migrate {cycle}`."
    ),
    N_("No plan in the cycle has the state {name}."): N_("Leave it out of --map."),
    N_("The state {name} stays as it is: the new wheel has the same workflow."): N_("Leave it out of --map."),
    N_("The cycle {cycle} could have begun on {day}. Nobody has opened it."): N_("Use `arshjul open {cycle}`."),
    N_("The state {name} is not among the new ones ({known}). Plans in the state: {plans}."): N_(
        "Give `--map {name}=STATE`."
    ),
    N_("The cycle {cycle} has changed since you saw it."): N_("Look at it again: `arshjul timetable {cycle}`."),
    N_("The database has revision {found}, but this program requires {head}."): N_("Run `arshjul upgrade`."),
    N_("The Årshjul database is missing in {place} (revision {head} is required)."): N_("Run `arshjul init`."),
    N_("{place} is not empty: it is an Årshjul database already. Move it away, or choose an empty one."): N_(
        "Name another one with --database."
    ),
    N_("{place} is damaged or not an Årshjul database ({what}). Revision {head} is required."): N_(
        "Run `arshjul restore` with a backup."
    ),
    N_("Give a new deadline, because the old one has passed or no longer applies."): N_("Use --new-date."),
    N_("All fields of the decision are needed. Missing: {fields}."): N_(
        "Each field is an option of its name, such as --body."
    ),
    N_("Before the plan comes to “{to}”, {who} decides: {steps}."): N_(
        "Use `arshjul advance {address} {verb}` with --decision and --outcome."
    ),
    N_("Before the plan comes to “{to}”, {who} decides: {steps}. That is done in “{before}”."): N_(
        "Use `arshjul advance {address} --to {first}`, then `arshjul advance {address} {verb}` with --decision and "
        "--outcome."
    ),
    N_("Also give the meeting at which the chair's decision was reported."): N_("Use --detail urgent_reported=DATE."),
    N_("This decision (§ {paragraph}, {on}) is already registered for the plan."): N_(
        "Correct it with `arshjul correct`."
    ),
    N_("To pass over a rule, give a reason: the log must show why."): N_("Use --reason."),
    N_("Give a reason. It is kept in the log."): N_("Use --reason."),
    N_("The plan is paused."): N_("Release it first: `arshjul release`."),
    N_("The plan is withdrawn."): N_("Reopen it first: `arshjul reopen`."),
    N_("This board does not take part in this phase."): N_("Take it up first: `arshjul reopen`."),
    N_("The reason is missing. Write word for word what must be completed."): N_("Use --reason."),
    N_("Somebody else changed {address} a moment ago."): N_("Look at the plan again: `arshjul show {address}`."),
    N_("The person {person} does not exist."): N_("`arshjul people list` lists all people."),
    N_("The plan {address} does not exist."): N_("`arshjul plans` lists all plans."),
    N_("The mail {mail} does not exist."): N_("`arshjul outbox list` lists all mail."),
    N_("The log in {path} is broken, first at entry {seq}."): N_("`arshjul log verify` shows the fault."),
    N_("There is no home in {home}."): N_("Create one with `arshjul init --home {home}`."),
    N_("The notice {key} does not exist."): N_("`arshjul explain {address}` lists the notices of the plan."),
    N_("A mail has waited for {minutes} minutes."): N_("Check the mail server and `arshjul outbox list`."),
    N_("All mail is on hold by hand: {reason}."): N_("Release it with `arshjul outbox release`."),
    N_("Mail that was withheld while mail was off, and that still holds: {count} ({mails}). Nobody has been told."): N_(
        "Send it with `arshjul outbox retry`, or dismiss it with `arshjul outbox hold`."
    ),
    N_("Administrators without a mail address get no mail: {people}."): N_(
        "Give them an address with `arshjul people change`."
    ),
    N_("Mail is on hold after a long stop."): N_(
        "Check it with `arshjul tick --dry-run` and release it with `arshjul tick --confirm`."
    ),
    N_("Mail is on hold because a backup was restored. Waiting mail may already have been sent."): N_(
        "Check it with `arshjul tick --dry-run` and release it with `arshjul tick --confirm`."
    ),
    N_("Mail not sent after 15 minutes: {count}."): N_("`arshjul outbox list --status pending` shows why."),
    N_("Mail that could not be delivered: {count}."): N_("`arshjul outbox list --status failed` shows why."),
    N_("Notices that could not be mailed: {count}. Check the addresses."): N_("`arshjul explain` shows why."),
    N_("Plans that the service could not run have been put aside: {plans}."): N_(
        "Correct the cause, then run `arshjul release`."
    ),
    N_("Plans whose reminders within two weeks would not reach those responsible: {count} ({plans})."): N_(
        "`arshjul show` shows more."
    ),
    N_("The service has not run for three minutes."): N_("Start it with `arshjul daemon` and read its journal."),
    N_("The service is not running here."): N_("Start it with `arshjul daemon` and read its journal."),
    N_("The home {home} belongs to {owner}. Run the command as that user."): N_("Use `sudo -u {owner} arshjul …`."),
    N_("Others than the owner can read or change: {files}."): N_("Run `chmod go= FILE` on each of them."),
    N_("The last backup failed at {at}: {why}"): N_("Run `arshjul backup` when the cause is corrected."),
    N_("The last backup was made at {at}."): N_("Run `arshjul backup` every night."),
    N_("There is no backup of the database."): N_("Run `arshjul backup` every night."),
    N_("Add the meetings in meetings.toml."): N_("Or run `arshjul meetings add`."),
    N_("A revision of the goals requires special reasons."): N_("Give them with --reason."),
}
