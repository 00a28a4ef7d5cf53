using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>What stands in extensions.ael, as it was written.</summary>
internal abstract record AelNode(Place Place);

/// <summary><c>context NAME { ... }</c></summary>
internal sealed record AelContext(Place Place, string Name, IReadOnlyList<AelNode> Elements) : AelNode(Place);

/// <summary><c>macro NAME(a, b) { ... }</c>, called by <c>&amp;NAME(x, y);</c></summary>
internal sealed record AelMacro(Place Place, string Name, IReadOnlyList<string> Arguments, IReadOnlyList<AelNode> Body) : AelNode(Place);

internal sealed record AelGlobals(Place Place, IReadOnlyList<AelAssignment> Values) : AelNode(Place);

/// <summary><c>NAME => ...</c>; the name may have a caller's number behind a slash.</summary>
/// <param name="Hint">What stands in <c>hint(...)</c>; null: nothing does.</param>
internal sealed record AelExtension(Place Place, string Name, string? Hint, bool IsRegistered, IReadOnlyList<AelNode> Body) : AelNode(Place);

/// <param name="Times">The four parts of the time; empty: always.</param>
internal sealed record AelInclude(Place Place, string Context, IReadOnlyList<string> Times) : AelNode(Place);

internal sealed record AelSwitchTo(Place Place, string Data, bool IsEvaluated) : AelNode(Place);

internal sealed record AelIgnorePattern(Place Place, string Pattern) : AelNode(Place);

internal sealed record AelBlock(Place Place, IReadOnlyList<AelNode> Statements) : AelNode(Place);

internal sealed record AelAssignment(Place Place, string Name, string Value, bool IsLocal) : AelNode(Place);

internal sealed record AelLabel(Place Place, string Name) : AelNode(Place);

/// <param name="Target">Label; or extension, label; or context, extension, label.</param>
internal sealed record AelGoto(Place Place, IReadOnlyList<string> Target) : AelNode(Place);

internal sealed record AelCall(Place Place, string Application, IReadOnlyList<string> Arguments) : AelNode(Place);

internal sealed record AelMacroCall(Place Place, string Macro, IReadOnlyList<string> Arguments) : AelNode(Place);

/// <param name="Kind">"if", "iftime" or "random", each with its own meaning of the condition.</param>
internal sealed record AelIf(Place Place, AelCondition Kind, string Condition, AelNode? Then, AelNode? Else) : AelNode(Place);

internal enum AelCondition
{
    Expression,
    Time,

    /// <summary>The chance in percent.</summary>
    Random,
}

internal sealed record AelFor(Place Place, string First, string Test, string Next, AelNode? Body) : AelNode(Place);

internal sealed record AelWhile(Place Place, string Test, AelNode? Body) : AelNode(Place);

internal sealed record AelSwitch(Place Place, string Value, IReadOnlyList<AelCase> Cases) : AelNode(Place);

/// <param name="Value">null for <c>default:</c>.</param>
internal sealed record AelCase(Place Place, string? Value, bool IsPattern, IReadOnlyList<AelNode> Body) : AelNode(Place);

/// <summary><c>catch NAME { ... }</c> in a macro: an extension of the macro's context.</summary>
internal sealed record AelCatch(Place Place, string Extension, IReadOnlyList<AelNode> Body) : AelNode(Place);

internal sealed record AelJump(Place Place, AelJumpKind Kind) : AelNode(Place);

internal enum AelJumpKind
{
    Break,
    Continue,
    Return,
}
