using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>What is to be done about one fault.</summary>
/// <param name="Text">In words, for people: "write method = sslv23, or leave the line out".</param>
/// <param name="Edits">The same for a program, where it can be done by editing Asterisk's files without a choice that only people can make; empty: it can't.</param>
internal sealed record Mend(string Text, IReadOnlyList<FileEdit> Edits)
{
    public Mend(string text, params FileEdit[] edits)
        : this(text, (IReadOnlyList<FileEdit>)edits)
    {
    }

    /// <summary>It takes something away that somebody may need, a phone that still speaks UDP or a gateway's caller ID: a person decides, and no patch does it unasked.</summary>
    public bool NeedsConsent { get; init; }

    /// <summary>The mended lines hold a PIN or a password: reports say in words what is to be done, and no patch has them.</summary>
    public bool HoldsSecret { get; init; }
}
