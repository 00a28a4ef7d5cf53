using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Where a caller gets to by a comma in a text that a line such as <c>Goto(out,${EXTEN:1},1)</c> takes: Asterisk looks for commas when the variables are put in already.</summary>
/// <remarks>
/// Measured on Asterisk 22 with INVITEs: who dials 800,3 where <c>_8X.</c> does <c>Goto(out,${EXTEN:1},1)</c> comes to priority 3 of 00, behind the PIN that priority 1 asks for;
/// where only an extension and a priority are written, what stands before the comma is the context.
/// </remarks>
internal sealed class ForeignTargets(CallSearch search)
{
    // Of one context: a dialplan asks for a PIN in few.
    private const int MostExtensions = 50;

    private const int MostContexts = 500;

    private static readonly string[] Brakes = ["Authenticate", "VMAuthenticate", "Read"];

    private static readonly string[] Behind = ["Dial", "DISA", "Goto", "Gosub", "VoiceMailMain", "ChanSpy", "ExtenSpy"];

    private readonly Dictionary<string, NumberLanguage> _behindPins = new(StringComparer.Ordinal);
    private NumberLanguage? _contexts;
    private bool? _isArgumentAsked;

    /// <summary>Arguments in which a caller's comma moves a PIN away that stands behind them (measured: Gosub(out,s,1(1,${EXTEN},4711)) gives who dials 00123, an empty third one).</summary>
    /// <param name="context">Of the subroutine, which asks what the argument is.</param>
    public IEnumerable<SymbolicText> BeforePins(string context, IReadOnlyList<SymbolicText> arguments) =>
        (_isArgumentAsked ??= search.Plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
            .Any(static priority => priority.Is("Authenticate") && priority.Arguments.Contains("${ARG", StringComparison.Ordinal)))
            ? arguments.Where((argument, at) => argument.Constant is null && Enumerable.Range(at + 1, arguments.Count - at - 1).Any(behind => arguments[behind].Constant is { } pin && IsPin(pin) && Asks(context, behind + 1)))
            : [];

    private bool Asks(string context, int argument) => search.Plan[context] is { } asked
        && asked.Extensions.SelectMany(static extension => extension.Priorities).Any(priority => priority.Arguments.Contains(string.Create(CultureInfo.InvariantCulture, $"${{ARG{argument}}}"), StringComparison.Ordinal));

    // A number, or a file of them.
    private static bool IsPin(string text) => text.StartsWith('/') || (text.Length >= 3 && text.All(char.IsAsciiDigit));

    /// <param name="parts">[[context,]extension,]priority</param>
    /// <returns>What to dial, or the variable that holds the caller's text; null: it leads nowhere else.</returns>
    public string? Example(CallState state, IReadOnlyList<SymbolicText> parts) => parts switch
    {
        [{ Constant: { } context }, var extension, ..] when parts.Count == 3 => extension.Constant is null ? Example(state, extension, BehindPins(context)) : null,
        [var first, ..] when parts.Count < 3 && first.Constant is null => Example(state, first, _contexts ??= Contexts()) is { } example && (example.StartsWith('$') || !IsSeen(state, example)) ? example : null,
        _ => null,
    };

    // In what other contexts hold he might get to; that is so where he can name one that his own does not include.
    private bool IsSeen(CallState state, string example) =>
        search.Plan.Visits(state.Context).Any(visit => example.Contains(visit.Context.Name + ",", StringComparison.Ordinal));

    private static string? Example(CallState state, SymbolicText text, NumberLanguage leadingOn) =>
        leadingOn.IsNone ? null
        : text is UnknownText { Part: not null } unknown ? unknown.Name
        : text.IsFollowed ? CallerText.Dialled(text, leadingOn, state)?.Shortest()
        : null;

    // "00123,3": an extension, and a line of it that stands behind the one that asks for a secret.
    private NumberLanguage BehindPins(string context)
    {
        if (!_behindPins.TryGetValue(context, out var language))
        {
            _behindPins[context] = language = Languages.UnionOf(
                (from visit in search.Plan.Visits(context)
                 from extension in visit.Context.Extensions
                 where extension.CallerId is null
                 let pin = extension.Priorities.FirstOrDefault(static priority => Brakes.Any(priority.Is))
                 where pin is not null
                 from priority in extension.Priorities
                 where priority.Number > pin.Number && Behind.Any(priority.Is)
                 select Languages.Concatenate(search.Fitting(extension.Pattern), Languages.Only($",{priority.Number}"))).Take(MostExtensions).DefaultIfEmpty(NumberLanguage.None));
        }

        return language;
    }

    // "internal,1001": what calls somebody there.
    private NumberLanguage Contexts() => Languages.UnionOf(
        (from context in search.Plan.Contexts
         where context.Name.All(char.IsAscii)
         let extension = context.Extensions.FirstOrDefault(static extension => extension.CallerId is null && extension[1] is not null && extension.Priorities.Any(static priority => Behind.Any(priority.Is)))
         where extension is not null
         select Languages.Concatenate(Languages.Only(context.Name + ","), search.Fitting(extension.Pattern))).Take(MostContexts).DefaultIfEmpty(NumberLanguage.None));
}
