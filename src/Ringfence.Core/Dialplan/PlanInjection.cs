using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

internal enum InjectionKind
{
    /// <summary>Another channel is called: an ampersand.</summary>
    Dial,

    /// <summary>A shell runs other commands.</summary>
    Shell,
}

/// <summary>Text of a caller that becomes more than text.</summary>
/// <param name="Application">"Dial"</param>
/// <param name="Example">What to dial, or the variable that holds the caller's text.</param>
internal sealed record PlanInjection(InjectionKind Into, string Application, string Example, CallWay Way, ImmutableHashSet<Assumption> Assumptions);

/// <summary>Whether a text can hold characters that the caller chose.</summary>
internal static class CallerText
{
    private const string DialMarks = "&";
    private const string ShellMarks = ";|&`$()<>\"'\n";

    private static readonly NumberLanguage HoldingDialMarks = Holding(DialMarks);
    private static readonly NumberLanguage HoldingShellMarks = Holding(ShellMarks);

    /// <returns>What to dial, or the variable; null: it can't.</returns>
    public static string? Into(InjectionKind kind, SymbolicText text, CallState state)
    {
        var (characters, holding) = kind == InjectionKind.Dial ? (DialMarks, HoldingDialMarks) : (ShellMarks, HoldingShellMarks);
        return (text is JoinedText joined ? joined.Parts : [text]).Select(part => Holds(part, characters, holding, state)).FirstOrDefault(static found => found is not null);
    }

    private static NumberLanguage Holding(string characters) =>
        Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Repeat(characters, 1, 1), NumberLanguage.All));

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
            case SlicedText { IsKnown: false } slice:
                return Holds(slice.Text, characters, holding, state);
            default:
                // Only what was dialled: keys have none of these characters.
                return Demand.That(part, holding) is { Input: not null } demand && state.Narrowed(demand with { Holds = Languages.Except(demand.Holds, demand.Fails) }) is { } left ? left.InOrder()[state.Order[demand.Input.Value]].Shortest() : null;
        }
    }
}
