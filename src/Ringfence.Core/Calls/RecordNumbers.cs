using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Which number a record's call was sent to, and what it costs. Not for several threads at once.</summary>
/// <param name="isTrunk">By the name of an endpoint; null: nobody knows.</param>
internal sealed class RecordNumbers(DiallingRules rules, Tariff tariff, Func<string, bool?> isTrunk)
{
    // What is dialled comes again: to read it costs some microseconds.
    private const int MaxKnown = 262_144;

    private readonly Dictionary<string, Destination> _dialled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Destination> _sent = new(StringComparer.Ordinal);

    /// <returns>What went to a trunk, or to what may be one; "": nothing did. What a phone registered as its address is nobody's number.</returns>
    public string SentBy(in CallRecord call) => rules.IsInside(call.Trunk) || (call.IsAddress && IsContact(call)) ? "" : call.Sent;

    /// <param name="sent">What the trunk was sent.</param>
    /// <param name="dialled">What somebody dialled for it.</param>
    public Destination Of(string sent, string dialled)
    {
        var known = Read(sent, hasLine: sent == dialled);
        if (sent == dialled || known.Dialled is { Kind: DialledKind.Outside, Number.IsValid: true })
        {
            return known;
        }

        var meant = Read(dialled, hasLine: true);
        return meant.Dialled.Kind == DialledKind.Outside && DiallingRules.IsBehindPrefix(known.Dialled, meant.Dialled) ? meant
            : rules.BehindPrefix(known.Dialled, NumberPlans.BuiltIn) is { } abroad ? new Destination(abroad, tariff.For(abroad))
            : known;
    }

    private bool IsContact(in CallRecord call) =>
        isTrunk(call.Trunk) is var known && (known is false || (known is null && (rules.IsExtension(call.Trunk) || Read(call.Dialled, hasLine: true).Dialled.Kind == DialledKind.Internal)));

    private Destination Read(string text, bool hasLine)
    {
        var read = hasLine ? _dialled : _sent;
        if (!read.TryGetValue(text, out var known))
        {
            var number = rules.Read(text, NumberPlans.BuiltIn, hasLine: hasLine);
            known = new Destination(number, tariff.For(number));
            if (read.Count == MaxKnown)
            {
                read.Clear();
            }

            read[text] = known;
        }

        return known;
    }
}
