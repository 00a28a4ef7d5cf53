using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

internal enum InjectionKind
{
    /// <summary>Another channel is called: an ampersand.</summary>
    Dial,

    /// <summary>A shell runs other commands.</summary>
    Shell,

    /// <summary>ExecIf runs another application: it looks for its colon behind the substitution.</summary>
    Application,

    /// <summary>EVAL puts variables and functions in again: ${SHELL(...)}.</summary>
    Expansion,

    /// <summary>MixMonitor takes a comma in its file's name for the end of it, and what stands behind the second for a command.</summary>
    Recording,

    /// <summary>The same for its options, which stand behind the first.</summary>
    RecordingOptions,

    /// <summary>FILE writes another file: a slash, or the bracket that ends its name.</summary>
    File,

    /// <summary>MSet sets something else behind a comma.</summary>
    Assignment,

    /// <summary>Gosub takes what stands behind a comma for its next argument, and each one behind it moves on.</summary>
    Arguments,

    /// <summary>Dial takes another option, and goes or sends the called channel where it says: a bracket ends the one in which the text stands.</summary>
    Options,

    /// <summary>Goto takes another context or priority: a comma.</summary>
    Target,

    /// <summary>An expression calls functions by their names alone, SHELL among them: a quotation mark ends the text in which it stands.</summary>
    Expression,
}

/// <summary>Text of a caller that becomes more than text.</summary>
/// <param name="Application">"Dial"</param>
/// <param name="Example">What to dial, or the variable that holds the caller's text.</param>
internal sealed record PlanInjection(InjectionKind Into, string Application, string Example, CallWay Way, ImmutableHashSet<Assumption> Assumptions)
{
    /// <summary>What must be shown on the way leaves room for the text that does it.</summary>
    public bool MayShow(ShownText shown) => !Example.StartsWith("${", StringComparison.Ordinal)
        || (FunctionText.Split(Example[2..^1]) is ({ } function, var arguments, "") && ShownText.PartOf(function, arguments) is { } part && (part != shown.Part || Languages.Overlap(shown.Texts, CallerText.Marking(Into))));
}

/// <summary>Whether a text can hold characters that the caller chose.</summary>
internal static class CallerText
{
    /// <summary>"&amp;SIP/": the shortest beginning of another channel; no technology has a shorter name.</summary>
    private const int ShortestChannel = 5;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // What the text must hold, one of the characters that it can't do without, and how an example ends.
    private static readonly Dictionary<InjectionKind, (NumberLanguage Holding, string Characters, string Ending)> Marks = new()
    {
        [InjectionKind.Dial] = (Holding(Languages.Only("&"), Languages.Repeat(Letters + "0123456789", 3), Languages.Only("/")), "&", "&Local/1001"),
        [InjectionKind.Shell] = (Holding(Languages.Repeat(";|&`$()<>\"'\n", 1, 1)), ";|&`$()<>\"'\n", ";id"),
        // A bracket ends the application that stands there, and behind the colon stands the one that runs where the condition does not hold.
        [InjectionKind.Application] = (Holding(Languages.Only("):"), Languages.Repeat(Letters, 1), Languages.Only("(")), ":", "):System(id)"),
        [InjectionKind.Expansion] = (Holding(Languages.Only("${"), Languages.Repeat(Letters, 1), Languages.Only("(")), "$", "${SHELL(id)}"),
        [InjectionKind.Recording] = (Holding(Languages.Only(","), NumberLanguage.All, Languages.Only(","), Languages.Repeat(Letters, 1)), ",", ",,id;"),
        [InjectionKind.RecordingOptions] = (Holding(Languages.Only(","), Languages.Repeat(Letters, 1)), ",", ",id;"),
        [InjectionKind.Expression] = (Holding(Languages.Only("\""), Languages.Repeat(Capitals, 2), Languages.Only("(")), "(", "\" | SHELL(id) | \""),
        [InjectionKind.Options] = (Holding(Languages.Only(")"), Languages.Repeat("bBFGMU", 1, 1), Languages.Only("(")), "(", "))G(internal^1^1"),
        [InjectionKind.File] = (Holding(Languages.Only("/")), "/", "/../x"),
        [InjectionKind.Arguments] = (Holding(Languages.Only(",")), ",", ","),
        [InjectionKind.Assignment] = (Holding(Languages.Only(","), Languages.Repeat(Letters, 1), Languages.Only("(")), ",", ",FILE(x)=y"),
    };

    // main/ast_expr2.fl and .y of Asterisk 22: NAME(arguments) is a call where it stands outside of quotation marks; names of functions are upper case.
    private const string Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>"|SHELL(a)|" with its quotation marks; what is cut shorter has no room for it.</summary>
    private const int ShortestCall = 10;

    /// <summary>")U(a", and behind it the brackets of the line itself.</summary>
    private const int ShortestOption = 4;

    // What the result of the one has no capitals of, and the other puts behind strokes (measured: neither ran).
    private static readonly string[] EndsCalls = ["${TOLOWER(", "${QUOTE("];

    private static readonly NumberLanguage HoldingComma = Holding(Languages.Only(","));

    // What people dial, so that an example reads like a call; the first that the dialplan takes.
    private static readonly string[] Numbers =
        ["9011972", "011972", "00972", "000972", "900972", "0972", "12025550123", "2025550123", "5550123", "1001", "100", "10", .. Enumerable.Range(0, 10).SelectMany(static digit => (string[])[$"{digit}00972", $"{digit}2025550123", $"{digit}0"])];

    /// <summary>The texts that do it.</summary>
    public static NumberLanguage Marking(InjectionKind kind) => kind == InjectionKind.Target ? HoldingComma : Marks[kind].Holding;

    /// <returns>What to dial, or the variable; null: it can't.</returns>
    public static string? Into(InjectionKind kind, SymbolicText text, CallState state)
    {
        return (text is JoinedText joined ? joined.Parts : [text]).Select(part => Holds(part, kind, state)).FirstOrDefault(static found => found is not null);
    }

    private static NumberLanguage Holding(params IEnumerable<NumberLanguage> text) => text.Append(NumberLanguage.All).Aggregate(NumberLanguage.All, Languages.Concatenate);

    private static string? Holds(SymbolicText part, InjectionKind kind, CallState state)
    {
        var (holding, characters, ending) = Marks[kind];
        switch (part)
        {
            case ConstantText:
                return null;
            case UnknownText unknown:
                return unknown.Origins.HasFlag(TextOrigins.Caller) && !(kind == InjectionKind.Expression && Array.Exists(EndsCalls, unknown.Name.StartsWith)) ? unknown.Name : null;
            case FilteredText { IsKnown: false } filter:
                return characters.Any(c => FilteredText.Keeps(filter.Kept, c)) && (kind != InjectionKind.Expression || FilteredText.Keeps(filter.Kept, 'H')) ? Holds(filter.Text, kind, state) : null;
            // ${CALLERID(name):0:4} has no room for a channel.
            case SlicedText { IsKnown: false, Length: > 0 and < ShortestChannel } when kind == InjectionKind.Dial:
                return null;
            case SlicedText { IsKnown: false, Length: > 0 and < ShortestCall } when kind == InjectionKind.Expression:
                return null;
            case SlicedText { IsKnown: false, Length: > 0 and < ShortestOption } when kind == InjectionKind.Options:
                return null;
            case SlicedText { IsKnown: false } slice:
                return Holds(slice.Text, kind, state);
            default:
                // Only what was dialled: keys have none of these characters.
                return Dialled(part, holding, state) is { } dialled ? Array.Find(Numbers, number => dialled.Contains(number + ending)) is { } number ? number + ending : (Languages.Intersect(dialled, Languages.Concatenate(NumberLanguage.All, Languages.Only(ending))).Shortest() ?? dialled.Shortest()) : null;
        }
    }

    /// <summary>What is to be dialled so that the text surely is in the language.</summary>
    /// <returns>null: nothing, or it is not a function of what was entered.</returns>
    public static NumberLanguage? Dialled(SymbolicText text, NumberLanguage wanted, CallState state) =>
        Demand.That(text, wanted) is { Input: { } input } demand && state.Narrowed(demand with { Holds = Languages.Except(demand.Holds, demand.Fails) }) is { } left ? left.InOrder()[state.Order[input]] : null;
}
