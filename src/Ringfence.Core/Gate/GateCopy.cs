using System.Text;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Gate;

/// <summary>What is wrong with the gate's own part of the dialplan, and what to do.</summary>
internal sealed record GateProblem(Place Place, string Text, string Mend);

/// <summary>Whether the gate's part of a dialplan is what would be printed now: by what Asterisk makes of it, so that comments and blanks do not matter.</summary>
internal static class GateCopy
{
    private const string Guard = "agi://";

    // What may be called is a list in these, and a few lines in the others.
    private static readonly string[] Lists = [GateWays.Emergency, "ringfence-alone"];

    private static readonly string[] Code = [GateWays.Gate, "ringfence-denied"];

    /// <param name="there">The dialplan of the PBX; it has the gate.</param>
    /// <param name="printed">What would be printed now.</param>
    /// <param name="print">How.</param>
    public static IReadOnlyList<GateProblem> Compare(Plan there, string printed, string print)
    {
        var wanted = Plan.Read("/", new OneFile(printed));
        var problems = new List<GateProblem>();
        var mend = $"print it again: {print} > /etc/asterisk/ringfence-gate.conf, then asterisk -rx \"dialplan reload\"";
        var place = there[GateWays.Gate]!.Place;
        foreach (var name in Code.Concat(Lists))
        {
            // An empty list is printed too: with fail = closed nobody leaves alone.
            var (has, should) = (there[name], wanted[name]!);
            if (has is null)
            {
                problems.Add(new GateProblem(place, $"[{name}] is missing", mend));
            }
            else if (Lists.Contains(name, StringComparer.Ordinal))
            {
                problems.AddRange(Listed(name, has, should, mend));
            }
            else if (FirstDifference(has, should) is { } difference)
            {
                problems.Add(new GateProblem(difference.Place ?? has.Place, $"[{name}] is not what would be printed now: {difference.Text}", mend));
            }
        }

        return problems;
    }

    private static IEnumerable<GateProblem> Listed(string name, PlanContext has, PlanContext should, string mend)
    {
        var names = has.Extensions.Select(static extension => extension.Pattern).ToHashSet(StringComparer.Ordinal);
        var wanted = should.Extensions.Select(static extension => extension.Pattern).ToHashSet(StringComparer.Ordinal);
        if (should.Extensions.Where(extension => !names.Contains(extension.Pattern)).Select(static extension => extension.Name).ToList() is { Count: > 0 } missing)
        {
            yield return new GateProblem(has.Place, $"[{name}] lacks {Some(missing)}, which would be printed now", mend);
        }

        if (has.Extensions.Where(extension => !wanted.Contains(extension.Pattern)).ToList() is { Count: > 0 } more)
        {
            yield return new GateProblem(more[0].Priorities.First().Place, $"[{name}] has {Some([.. more.Select(static extension => extension.Name)])}, which would not be printed now: who dials that leaves without being asked about",
                name == GateWays.Emergency ? $"if it is an emergency number, name it: emergency = ... in [gate]; then {mend}" : mend);
        }
    }

    private static string Some(List<string> names) => string.Join(", ", names.Take(3).Select(static name => Shown.Text(name))) + (names.Count > 3 ? $" and {names.Count - 3} more" : "");

    private static (Place? Place, string Text)? FirstDifference(PlanContext has, PlanContext should)
    {
        var mine = Lines(should);
        // A guard on another machine listens at an address that its configuration may not tell: 0.0.0.0 is what it binds, not what Asterisk calls.
        var isElsewhere = !mine.Values.Any(static line => line.Text.Contains($"{Guard}127.", StringComparison.Ordinal));
        var its = Lines(has);
        foreach (var (key, line) in mine)
        {
            if (!its.TryGetValue(key, out var other))
            {
                return (null, $"it lacks {Shown.Text(line.Text)}");
            }

            if (isElsewhere ? WithoutGuard(other.Text) != WithoutGuard(line.Text) : other.Text != line.Text)
            {
                var same = other.Text.Zip(line.Text).TakeWhile(static pair => pair.First == pair.Second).Count();
                return (other.Place, $"{Part(other.Text, same)} stands where {Part(line.Text, same)} would");
            }
        }

        return its.Where(line => !mine.ContainsKey(line.Key)).Select(static line => ((Place?, string)?)(line.Value.Place, $"it has {Shown.Text(line.Value.Text)} besides")).FirstOrDefault();
    }

    // From a little before what differs on.
    private static string Part(string text, int from) => from <= 30 ? Shown.Text(text, 60) : "..." + Shown.Text(text[(from - 20)..], 60);

    private static SortedDictionary<(string, int), (string Text, Place Place)> Lines(PlanContext context)
    {
        var lines = new SortedDictionary<(string, int), (string, Place)>();
        foreach (var extension in context.Extensions)
        {
            foreach (var priority in extension.Priorities)
            {
                lines[(extension.Pattern, priority.Number)] = ($"{(priority.Label is { } label ? $"({label})" : "")}{priority.Application}({priority.Arguments})", priority.Place);
            }
        }

        return lines;
    }

    private static string WithoutGuard(string text) =>
        text.IndexOf(Guard, StringComparison.Ordinal) is >= 0 and var at && text.IndexOf('/', at + Guard.Length) is > 0 and var end ? text[..at] + text[end..] : text;

    private sealed class OneFile(string text) : IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => [];

        public byte[]? Read(string path) => path == "/extensions.conf" ? Encoding.UTF8.GetBytes(text) : null;
    }
}
