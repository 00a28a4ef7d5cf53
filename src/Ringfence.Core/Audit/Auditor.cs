using System.Text;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Asks every rule about a PBX.</summary>
internal static class Auditor
{
    /// <summary>What <see cref="AllowedFinding.By"/> says of a rule that the operator's configuration allows.</summary>
    public const string ByConfiguration = "ringfence.conf";

    // Of one rule. Nobody reads so many, and a file of five megabytes could hold half a million.
    private const int MostFindings = 5_000;

    // Of one rule, before those of one line are put together: twenty thousand phones may share three wrong lines.
    private const int MostFaults = 40_000;

    // Of the automata for all rules, those of the walks too: some four seconds. FreePBX with 200 incoming numbers takes six million.
    private const long MostWork = 12_000_000;

    /// <param name="allowed">Rules by id or name that the operator's own configuration allows everywhere.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was called.</exception>
    public static AuditResult Run(PbxSnapshot pbx, IReadOnlyList<AuditRule> rules, IReadOnlySet<string> allowed, CancellationToken stop = default) => Run(pbx, rules, allowed, heedsComments: true, stop);

    /// <inheritdoc cref="Run(PbxSnapshot, IReadOnlyList{AuditRule}, IReadOnlySet{string}, CancellationToken)"/>
    /// <param name="heedsComments">false: what comments in the files allow is found all the same, for they are of whoever made the copy.</param>
    public static AuditResult Run(PbxSnapshot pbx, IReadOnlyList<AuditRule> rules, IReadOnlySet<string> allowed, bool heedsComments, CancellationToken stop)
    {
        List<(AuditRule Rule, Fault Fault)> faults = [];
        List<string> failed = [];
        List<string> cut = [];
        var workLeft = MostWork;
        IReadOnlyList<AuditRule> notAsked = pbx.Options.IsKnown ? [] : [.. rules.Where(static rule => rule.NeedsOptions)];
        foreach (var rule in rules.Except(notAsked))
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                var isWhole = true;
                var before = LanguageWork.Done;
                if (!LanguageWork.Within(workLeft, () => IsAsked(rule, () => isWhole = false), otherwise: false))
                {
                    cut.Add($"{rule.Id} {rule.Name} was not looked for to the end: the numbers that this dialplan takes would cost too much");
                }

                workLeft = Math.Max(0, workLeft - (LanguageWork.Done - before));
                if (!isWhole)
                {
                    cut.Add($"{rule.Id} {rule.Name} is found in more places than are looked at: those that are listed are not all");
                }
            }
            catch (Exception error) when (error is not OperationCanceledException and not OutOfMemoryException)
            {
                // A fault of ours: the other rules are asked all the same, and nobody is to think that this one found nothing.
                failed.Add($"{rule.Id} {rule.Name} could not be checked: a fault of ringfence, {error.GetType().Name}: {Shown.Text(error.Message)}; please report it");
            }
        }

        bool IsAsked(AuditRule rule, Action cutHere)
        {
            faults.AddRange(AtMost(MostFindings, FaultGroups.Of(AtMost(MostFaults, rule.Check(pbx), cutHere, stop)), cutHere, stop).Select(fault => (rule, fault)));
            return true;
        }

        var files = pbx.FilesRead.DistinctBy(static file => file.Name).ToDictionary(static file => file.Name, StringComparer.Ordinal);
        var comments = Allowances.Read(heedsComments ? files.Values : []);
        List<Finding> findings = [];
        List<AllowedFinding> spared = [];
        Dictionary<string, string[]> others = new(StringComparer.Ordinal);
        foreach (var (rule, fault) in faults)
        {
            var line = LineAt(fault.Place, files, others, pbx);
            var finding = new Finding(rule, line?.Hidden is { } hidden ? ShownValues.Of(pbx).Unknown(hidden).Aggregate(fault, Without) : fault, fault.IsSecret || line is not { Text.Length: > 0 } ? null : Shown.Text(line.Text, 200));
            if (comments.Find(rule, fault.Place) is { } comment)
            {
                spared.Add(new AllowedFinding(finding, comment.Comment.ToString(), comment.Reason));
            }
            else if (allowed.Contains(rule.Id) || allowed.Contains(rule.Name))
            {
                spared.Add(new AllowedFinding(finding, ByConfiguration, Reason: null));
            }
            else
            {
                findings.Add(finding);
            }
        }

        return new AuditResult(
            pbx.Version, pbx.IsVersionAssumed,
            [.. findings.OrderByDescending(static finding => finding.Severity).ThenBy(static finding => finding.Rule.Id, StringComparer.Ordinal)
                .ThenBy(static finding => finding.Place.File, StringComparer.Ordinal).ThenBy(static finding => finding.Place.Line)],
            spared, [.. files.Keys.Order(StringComparer.Ordinal)])
        {
            Notes = [.. failed, .. cut, .. pbx.LeftOut, .. comments.Unused(rules)],
            NotAsked = notAsked,
        };
    }

    private static IEnumerable<Fault> AtMost(int most, IEnumerable<Fault> faults, Action cut, CancellationToken stop)
    {
        foreach (var (at, fault) in faults.Index())
        {
            stop.ThrowIfCancellationRequested();
            if (at >= most)
            {
                cut();
                yield break;
            }

            yield return fault;
        }
    }

    // What the line is shown without, no sentence about it holds either.
    private static Fault Without(Fault fault, string hidden)
    {
        var text = Shown.Text(hidden);
        return fault with
        {
            Text = fault.Text.Replace(text, ShownValues.NotShown, StringComparison.Ordinal),
            Mend = fault.Mend is { } mend
                ? mend with { Text = mend.Text.Replace(text, ShownValues.NotShown, StringComparison.Ordinal), HoldsSecret = mend.HoldsSecret || mend.Edits.Any(edit => Lines(edit).Any(line => line.Contains(hidden, StringComparison.Ordinal))) }
                : null,
        };
    }

    private static IReadOnlyList<string> Lines(FileEdit edit) => edit switch { ReplaceLine replaced => [replaced.Text], InsertLines inserted => inserted.Lines, AppendLines appended => appended.Lines, _ => [] };

    private static ShownLine? LineAt(Place place, Dictionary<string, AsteriskFile> files, Dictionary<string, string[]> others, PbxSnapshot pbx)
    {
        if (place.Line < 1)
        {
            return null;
        }

        if (files.TryGetValue(place.File, out var file))
        {
            return ShownValues.Of(pbx).Line(file, place.Line);
        }

        // What a command printed, or extensions.ael, which is no file of this syntax, but has lines too.
        if (!others.TryGetValue(place.File, out var lines))
        {
            var content = pbx.FactNamed(place.File) is { } fact ? fact
                : pbx.Files.Read(place.File.StartsWith('/') ? place.File : $"{pbx.Directory.TrimEnd('/')}/{place.File}") is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
            others[place.File] = lines = content.Split('\n');
        }

        return place.Line <= lines.Length ? new ShownLine(SecretOptions.WithoutSecret(lines[place.Line - 1]), null) : null;
    }
}
