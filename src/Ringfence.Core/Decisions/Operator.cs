namespace Ringfence.Core.Decisions;

/// <summary>Who decides when no rule does.</summary>
internal static class Operator
{
    /// <summary>In place of a rule's id, in the journal and in reports.</summary>
    public const string Rule = "operator";
}
