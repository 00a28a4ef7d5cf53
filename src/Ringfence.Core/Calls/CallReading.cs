using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>What the engine is to hear of a record: a call to outside, with its number, its price and how it came about; a call in; mostly nothing.</summary>
/// <remarks>
/// A channel of the dialplan's own (Local) has a record for each of its sides. Money is in the one that was sent to a trunk, and only that is a call to outside.
/// Who is a trunk, the records say: whatever a number of the world was sent to. Not for several threads at once.
/// </remarks>
/// <param name="trunks">Endpoints that are known to be trunks.</param>
internal sealed class CallReading(DiallingRules rules, Tariff tariff, params IEnumerable<string> trunks)
{
    // What is dialled comes again: to read it costs some microseconds.
    private const int MaxKnown = 262_144;

    private readonly Dictionary<string, (DialledNumber Number, Price Price)> _dialled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DialledNumber Number, Price Price)> _sent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _trunks = new(trunks, StringComparer.Ordinal);
    private readonly HashSet<string> _users = new(StringComparer.Ordinal);
    private string _user = "";

    /// <summary>Endpoints that called and are no trunks.</summary>
    public int Users => _users.Count(user => !_trunks.Contains(user));

    /// <summary>Endpoints that take calls to outside.</summary>
    public IReadOnlySet<string> Trunks => _trunks;

    /// <returns>null: the engine has no use for it.</returns>
    public PastEvent? Read(in CallRecord call)
    {
        var isTrunk = _trunks.Contains(call.Source) || rules.IsInside(call.Source);
        var sent = rules.IsInside(call.Trunk) ? "" : call.Sent.Length > 0 ? call.Sent : !isTrunk && call.Trunk.Length > 0 && _trunks.Contains(call.Trunk) ? call.Dialled : "";
        if (sent.Length == 0 || Dialled(sent, hasLine: sent == call.Dialled) is not { Number.Kind: not DialledKind.Internal } known || (call.Source == call.Trunk && known.Number.Kind != DialledKind.Outside))
        {
            if (!isTrunk)
            {
                AddUser(call.Source, call.IsLocal);
                return null;
            }

            // Its wait and its talk are over: now it can tell whether somebody only wants to be called back.
            var end = call.End * 1000;
            return new PastEvent(end, end, default(PastCall) with { Id = call.Id }, new SiteEvent(SiteEventKind.CallIn, end, "", call.Caller, call.IsAnswered ? 0 : call.Seconds));
        }

        if (known.Number is { Kind: DialledKind.Outside, Number.IsValid: false } && sent != call.Dialled && Dialled(call.Dialled, hasLine: true) is { Number.Kind: DialledKind.Outside } dialled
            && DiallingRules.IsBehindPrefix(known.Number, dialled.Number))
        {
            known = dialled;
        }

        if (call.Trunk.Length > 0 && known.Number.Kind == DialledKind.Outside && !isTrunk)
        {
            _trunks.Add(call.Trunk);
        }

        // In and out over one trunk: nobody sends a phone its own number abroad.
        isTrunk |= call.Source == call.Trunk;

        var origin = isTrunk || (call.IsLocal && !IsExtension(call.Caller)) ? IsDialledOn(call.Context) ? CallOrigin.DialledOn : CallOrigin.Forwarded : CallOrigin.Phone;
        var extension = isTrunk || call.IsLocal ? Forwarder(call) : call.Source;
        AddUser(extension, isNone: origin != CallOrigin.Phone);
        var attempt = new CallAttempt(
            call.Start * 1000, extension, call.Caller, call.Trunk, call.Did.Length > 0 ? call.Did : isTrunk ? call.Dialled : "", call.AccountCode, known.Number, known.Price, origin);
        return new PastEvent(attempt.At, call.End * 1000, new PastCall(call.Id, attempt, (call.Seconds - call.Billed) * 1000L, call.Billed * 1000L), null);
    }

    private (DialledNumber Number, Price Price) Dialled(string text, bool hasLine)
    {
        var read = hasLine ? _dialled : _sent;
        if (!read.TryGetValue(text, out var known))
        {
            var number = rules.Read(text, NumberPlans.BuiltIn, hasLine: hasLine);
            known = (number, tariff.For(number));
            if (read.Count == MaxKnown)
            {
                read.Clear();
            }

            read[text] = known;
        }

        return known;
    }

    private void AddUser(string name, bool isNone)
    {
        if (!isNone && !ReferenceEquals(name, _user) && name.Length > 0 && _users.Count < MaxKnown)
        {
            _user = name;
            _users.Add(name);
        }
    }

    // Who forwarded pays. "Local/FMPR-201@from-internal-0000000a;2" goes on for 201; an account code often is an extension's.
    private string Forwarder(in CallRecord call)
    {
        if (IsExtension(call.Caller))
        {
            return call.Caller;
        }

        if (call.IsLocal)
        {
            var name = call.Source.AsSpan()[..(call.Source.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? at : call.Source.Length)];
            var digits = name[(name.LastIndexOfAnyExceptInRange('0', '9') + 1)..];
            if (IsExtension(digits))
            {
                return digits.ToString();
            }
        }

        return call.AccountCode.Length > 0 ? call.AccountCode : call.Source;
    }

    private bool IsExtension(ReadOnlySpan<char> text) => text.Length is > 1 && text.Length <= rules.MaxInternal && !text.ContainsAnyExceptInRange('0', '9');

    // As people and FreePBX name these contexts: app-disa, disa-dial, app-vmmain, vm-callme, voicemail.
    internal static bool IsDialledOn(string context) =>
        context.Contains("disa", StringComparison.OrdinalIgnoreCase) || context.Contains("voicemail", StringComparison.OrdinalIgnoreCase) || context.Contains("vmmain", StringComparison.OrdinalIgnoreCase)
        || context.Contains("callback", StringComparison.OrdinalIgnoreCase) || context.Contains("ivr", StringComparison.OrdinalIgnoreCase) || context.StartsWith("vm-", StringComparison.OrdinalIgnoreCase);
}
