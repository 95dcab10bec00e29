// What has become of each copy that was found, platform by platform.

const STEPS = {
  found: N_("Found. A person will look at it."),
  in_review: N_("A person is looking at it."),
  declined: N_("It stays: {reason}."),
  taken_down: N_("The platform says that it has removed it."),
  refused: N_("The platform refuses to remove it: {reason}. A person sees to that."),
  ordered: N_("The platform is told to remove it."),
  returned: N_("It was there again, and has to be removed again."),
  delivered: N_("The request has reached the platform."),
  acknowledged: N_("The platform has confirmed the request."),
  removed: N_("The platform says that it is removed. This is checked again."),
  stays_away: N_("It is removed, and stayed away."),
  closed: N_("Closed."),
};
const REASONS = {
  different_content: N_("it shows something else"),
  not_intimate: N_("it is not intimate"),
  public_interest: N_("it is of public interest"),
  consensual: N_("it was shared with consent"),
  abusive_claim: N_("it was not yours to register"),
};

/** Return each platform with its copies, in words. */
function timeline(platforms) {
  return platforms.flatMap(({ platform, copies }) => {
    const alike = new Map(); // by what is said of them
    for (const copy of copies) {
      const lines = linesOf(copy);
      const key = lines.join("\n");
      alike.set(key, { lines, count: (alike.get(key)?.count || 0) + 1 });
    }
    return [h("h3", {}, platform), ...[...alike.values()].map(copiesOf)];
  });
}

function copiesOf({ lines, count }) {
  return h(
    "div",
    { class: "copy" },
    count > 1 && paragraph(tr("Copies: {count}", { count })),
    list(lines)
  );
}

/** Return what is said of one copy, line by line. */
function linesOf({ standing, reason, due_at: due, steps }) {
  const words = (step) => tr(STEPS[step] || STEPS.found, { reason: tr(REASONS[reason] || "-") });
  const day = (moment) => new Date(moment).toLocaleDateString(language);
  const happened = steps.map(({ step, at }) => `${day(at)}: ${words(step)}`);
  const last = steps.length && steps[steps.length - 1].step;
  if (standing !== last) happened.push(words(standing));
  if (due) happened.push(tr("It has to be gone by {date}.", { date: day(due) }));
  return happened;
}

/** Return how many platforms know of a withdrawal, in words. */
function toldOf({ acknowledged, platforms }) {
  if (!platforms) return paragraph(tr("No platform had to be told of the withdrawal."));
  return paragraph(
    tr("Platforms that have confirmed your withdrawal: {acknowledged} of {platforms}", {
      acknowledged,
      platforms,
    })
  );
}
