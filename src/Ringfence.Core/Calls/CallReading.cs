using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>What the engine is to hear of a record: a call to outside, with its number, its price and how it came about; a call in; mostly nothing.</summary>
/// <remarks>
/// A channel of the dialplan's own (Local) has a record for each of its sides. Money is in the one that was sent to a trunk, and only that is a call to outside.
/// Who is a trunk, the configuration says, and of what it does not have the records: whatever a number of the world was sent to. Not for several threads at once.
/// </remarks>
/// <param name="isTrunk">By the name of an endpoint, as the configuration has it; null: it does not. None: nobody reads one.</param>
internal sealed class CallReading(DiallingRules rules, Tariff tariff, Func<string, bool?>? isTrunk = null)
{
    private const int MaxUsers = 262_144;

    private readonly RecordNumbers _numbers = new(rules, tariff, isTrunk ?? (static _ => null));
    private readonly HashSet<string> _trunks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _users = new(StringComparer.Ordinal);
    private string _user = "";

    /// <summary>Endpoints that called and are no trunks.</summary>
    public int Users => _users.Count(user => !_trunks.Contains(user));

    /// <summary>Endpoints that take calls to outside.</summary>
    public IReadOnlySet<string> Trunks => _trunks;

    /// <returns>null: the engine has no use for it.</returns>
    public PastEvent? Read(in CallRecord call)
    {
        var isFromTrunk = IsTrunk(call.Source) || rules.IsInside(call.Source);
        var sent = _numbers.SentBy(call) is { Length: > 0 } number ? number : call.Sent.Length == 0 && !isFromTrunk && call.Trunk.Length > 0 && IsTrunk(call.Trunk) && !rules.IsInside(call.Trunk) ? call.Dialled : "";
        if (sent.Length == 0 || _numbers.Of(sent, call.Dialled) is not { Dialled.Kind: not DialledKind.Internal } known || (call.Source == call.Trunk && known.Dialled.Kind != DialledKind.Outside))
        {
            if (!isFromTrunk)
            {
                AddUser(call.Source, call.IsLocal);
                return null;
            }

            // Its wait and its talk are over: now it can tell whether somebody only wants to be called back.
            var end = call.End * 1000;
            return new PastEvent(end, default(PastCall) with { Id = call.Id }, new SiteEvent(SiteEventKind.CallIn, end, "", call.Caller, call.IsAnswered ? 0 : call.Seconds));
        }

        if (call.Trunk.Length > 0 && known.Dialled.Kind == DialledKind.Outside && !isFromTrunk && isTrunk?.Invoke(call.Trunk) is not false)
        {
            _trunks.Add(call.Trunk);
        }

        // In and out over one trunk: nobody sends a phone its own number abroad.
        isFromTrunk |= call.Source == call.Trunk;
        var isInside = rules.IsInside(call.Source);
        var origin = isInside ? CallOrigin.Phone : isFromTrunk || (call.IsLocal && (InName(call).Length > 0 || !rules.IsExtension(call.Caller))) ? IsDialledOn(call.Context) ? CallOrigin.DialledOn : CallOrigin.Forwarded : CallOrigin.Phone;
        var extension = isInside ? rules.Payer(call.Source, call.Caller) : isFromTrunk || call.IsLocal ? Forwarder(call) : call.Source;
        AddUser(extension, isNone: origin != CallOrigin.Phone);
        var attempt = new CallAttempt(
            call.Start * 1000, extension, call.Caller, call.Trunk, call.Did.Length > 0 ? call.Did : isFromTrunk && !isInside ? call.Dialled : "", call.AccountCode, known, origin);
        return new PastEvent(call.End * 1000, new PastCall(call.Id, attempt, (call.Seconds - call.Billed) * 1000L, call.Billed * 1000L), null);
    }

    private bool IsTrunk(string endpoint) => isTrunk?.Invoke(endpoint) ?? (_trunks.Contains(endpoint) || ChannelName.IsSpan(endpoint));

    private void AddUser(string name, bool isNone)
    {
        if (!isNone && !ReferenceEquals(name, _user) && name.Length > 0 && _users.Count < MaxUsers)
        {
            _user = name;
            _users.Add(name);
        }
    }

    // Who forwarded pays. What a stranger says his number is names nobody. "Local/FMPR-201@from-internal-0000000a;2" goes on for 201; an account code often is an extension's.
    private string Forwarder(in CallRecord call)
    {
        if (call.IsLocal)
        {
            if (InName(call) is { Length: > 0 } forwarder)
            {
                return forwarder.ToString();
            }

            if (rules.IsExtension(call.Caller))
            {
                return call.Caller;
            }
        }

        return call.AccountCode.Length > 0 ? call.AccountCode : call.Source;
    }

    // Whoever calls 201 shows what number he likes, also 202's.
    private ReadOnlySpan<char> InName(in CallRecord call)
    {
        var name = call.Source.AsSpan()[..(call.Source.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at ? at : call.Source.Length)];
        var digits = name[(name.LastIndexOfAnyExceptInRange('0', '9') + 1)..];
        return rules.IsExtension(digits) ? digits : [];
    }

    // As people and FreePBX name these contexts: app-disa, disa-dial, app-vmmain, vm-callme, voicemail.
    internal static bool IsDialledOn(string context) =>
        context.Contains("disa", StringComparison.OrdinalIgnoreCase) || context.Contains("voicemail", StringComparison.OrdinalIgnoreCase) || context.Contains("vmmain", StringComparison.OrdinalIgnoreCase)
        || context.Contains("callback", StringComparison.OrdinalIgnoreCase) || context.Contains("ivr", StringComparison.OrdinalIgnoreCase) || context.StartsWith("vm-", StringComparison.OrdinalIgnoreCase);
}
