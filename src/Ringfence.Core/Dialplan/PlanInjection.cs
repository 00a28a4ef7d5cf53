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
}

/// <summary>Text of a caller that becomes more than text.</summary>
/// <param name="Application">"Dial"</param>
/// <param name="Example">What to dial, or the variable that holds the caller's text.</param>
internal sealed record PlanInjection(InjectionKind Into, string Application, string Example, CallWay Way, ImmutableHashSet<Assumption> Assumptions);

/// <summary>Whether a text can hold characters that the caller chose.</summary>
internal static class CallerText
{
    /// <summary>"&amp;SIP/": the shortest beginning of another channel; no technology has a shorter name.</summary>
    private const int ShortestChannel = 5;

    private const string DialMarks = "&";
    private const string ShellMarks = ";|&`$()<>\"'\n";

    private static readonly NumberLanguage HoldingShellMarks = Holding(Languages.Repeat(ShellMarks, 1, 1));
    private static readonly NumberLanguage HoldingChannel = Holding(Languages.Concatenate(Languages.Only(DialMarks), Languages.Concatenate(Languages.Repeat("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 3), Languages.Only("/"))));

    // A bracket ends the application that stands there, and behind the colon stands the one that runs where the condition does not hold.
    private const string ApplicationMarks = ":";
    private static readonly NumberLanguage HoldingApplication = Holding(Languages.Concatenate(Languages.Only("):"), Languages.Concatenate(Languages.Repeat("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 1), Languages.Only("("))));

    // What people dial, so that an example reads like a call; the first that the dialplan takes.
    private static readonly string[] Numbers =
        ["9011972", "011972", "00972", "000972", "900972", "0972", "12025550123", "2025550123", "5550123", "1001", "100", "10", .. Enumerable.Range(0, 10).SelectMany(static digit => (string[])[$"{digit}00972", $"{digit}2025550123", $"{digit}0"])];

    /// <returns>What to dial, or the variable; null: it can't.</returns>
    public static string? Into(InjectionKind kind, SymbolicText text, CallState state)
    {
        var (characters, holding) = kind switch
        {
            InjectionKind.Dial => (DialMarks, HoldingChannel),
            InjectionKind.Shell => (ShellMarks, HoldingShellMarks),
            _ => (ApplicationMarks, HoldingApplication),
        };
        return (text is JoinedText joined ? joined.Parts : [text]).Select(part => Holds(part, characters, holding, state)).FirstOrDefault(static found => found is not null);
    }

    private static NumberLanguage Holding(NumberLanguage text) => Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(text, NumberLanguage.All));

    private static string? Holds(SymbolicText part, string characters, NumberLanguage holding, CallState state)
    {
        switch (part)
        {
            case ConstantText:
                return null;
            case UnknownText unknown:
                return unknown.Origins.HasFlag(TextOrigins.Caller) ? unknown.Name : null;
            case FilteredText { IsKnown: false } filter:
                return characters.Any(c => FilteredText.Keeps(filter.Kept, c)) ? Holds(filter.Text, characters, holding, state) : null;
            // ${CALLERID(name):0:4} has no room for a channel.
            case SlicedText { IsKnown: false, Length: > 0 and < ShortestChannel } when characters == DialMarks:
                return null;
            case SlicedText { IsKnown: false } slice:
                return Holds(slice.Text, characters, holding, state);
            default:
                // Only what was dialled: keys have none of these characters.
                return Demand.That(part, holding) is { Input: not null } demand && state.Narrowed(demand with { Holds = Languages.Except(demand.Holds, demand.Fails) }) is { } left ? Example(left.InOrder()[state.Order[demand.Input.Value]], characters) : null;
        }
    }

    private static string? Example(NumberLanguage dialled, string characters)
    {
        var behind = characters switch { DialMarks => "&Local/1001", ApplicationMarks => "):System(id)", _ => ";id" };
        return Array.Find(Numbers, number => dialled.Contains(number + behind)) is { } number ? number + behind : dialled.Shortest();
    }
}
