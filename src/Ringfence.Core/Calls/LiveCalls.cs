using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Who is told of live calls to outside.</summary>
internal interface ILiveCalls
{
    void Begin(string id, in CallAttempt attempt);

    void Answer(string id, long at);

    void End(string id, long at);

    void See(in SiteEvent seen);

    /// <summary>A channel ended, whatever it was.</summary>
    void Gone(string channel, long at);
}

/// <summary>A call to outside that goes on.</summary>
/// <param name="Id">The unique id of the channel that dials: what a gate in the dialplan is asked by. Where that dials several numbers at once, of the others that of their first channel.</param>
/// <param name="DiallerId">The unique id of the channel that dials; "" where nobody does.</param>
internal sealed record OutsideCall(string Id, CallAttempt Attempt, string DiallerId)
{
    /// <summary>Channels to outside by their unique id: what is hung up.</summary>
    public Dictionary<string, string> Legs { get; } = new(StringComparer.Ordinal);

    public long AnsweredAt { get; set; }
}

/// <summary>Makes calls to outside of what the manager interface tells of channels.</summary>
/// <remarks>
/// A call to outside is a dial whose other end is a trunk, or gets a number that is none of the site's. It is one call for each number that a channel dials, however many trunks that tries
/// at once (one after another it is the same one again, which <see cref="CallEngine"/> counts once); it ends when the last channel to outside does, which may outlive the one that dialled (a transfer).
/// Local channels are no end of anything.
/// </remarks>
/// <param name="isTrunk">By the name of an endpoint; null: the configuration does not have it.</param>
internal sealed class LiveCalls(Func<string, bool?> isTrunk, DiallingRules rules, Tariff tariff, ILiveCalls told)
{
    /// <summary>So many channels are known at once: a forged or broken stream can't grow it.</summary>
    public const int MostChannels = 100_000;

    // A year: what is listed as older has no age that could be true.
    private const long LongestCall = 365 * 86_400;

    // Of a number abroad, with its country's code.
    private const int FewestDigits = 7;

    private const string Local = "Local/";

    private readonly Dictionary<string, Known> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutsideCall> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutsideCall> _byLeg = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<OutsideCall>> _byDialler = new(StringComparer.Ordinal);
    private HashSet<string>? _listed;
    private List<LiveMessage> _list = [];

    public IReadOnlyCollection<OutsideCall> Calls => _calls.Values;

    public int Channels => _channels.Count;

    public OutsideCall? Find(string id) => _calls.GetValueOrDefault(id);

    /// <summary>Who pays for what a channel calls, and how that comes about; null: nobody told of the channel yet.</summary>
    public (string Extension, CallOrigin Origin)? PaidBy(string id) => _channels.TryGetValue(id, out var known) ? PaidBy(known.Seen, known.Seen) : null;

    /// <param name="at">When it came, in milliseconds.</param>
    public void See(LiveMessage message, long at)
    {
        switch (message.Kind)
        {
            case LiveKind.Channel:
                Know(message.Channel!, at);
                break;
            case LiveKind.DialBegin:
                Dial(message, at);
                break;
            case LiveKind.Dialled:
                Dialled(message, at);
                break;
            case LiveKind.Hangup:
                _listed?.Add(message.Channel!.Id);
                Forget(message.Channel!.Id, at, message.Channel);
                break;
            case LiveKind.Renamed:
                Rename(message);
                break;
            case LiveKind.Transferred when message is { Other: { } who } && _groups.TryGetValue(who.Linked, out var moved):
                moved.Forwarder = Endpoint(who.Name);
                break;
            case LiveKind.Listed when _listed is not null:
                _list.Add(message);
                break;
            default:
                break;
        }
    }

    /// <summary>The list of all channels was asked for.</summary>
    public void BeginList()
    {
        _listed = new HashSet<string>(StringComparer.Ordinal);
        _list = [];
    }

    /// <summary>It is complete: what it does not have is gone, what nobody told of begins.</summary>
    /// <returns>How many channels it has that no event told of.</returns>
    public int EndList(long at)
    {
        if (_listed is not { } since)
        {
            return 0;
        }

        var (list, there) = (_list, _list.Select(static listed => listed.Channel!.Id).ToHashSet(StringComparer.Ordinal));
        (_listed, _list) = (null, []);

        // What came or went while the list was made is known better by its events.
        foreach (var gone in _channels.Where(pair => !there.Contains(pair.Key) && !since.Contains(pair.Key)).Select(static pair => pair.Key).ToList())
        {
            Forget(gone, at, null);
        }

        var untold = list.Count(listed => !_channels.ContainsKey(listed.Channel!.Id) && !since.Contains(listed.Channel!.Id));
        foreach (var listed in list.Where(listed => !since.Contains(listed.Channel!.Id)))
        {
            Know(listed.Channel!, at, at - (Math.Clamp(listed.Seconds, 0, LongestCall) * 1000));
        }

        foreach (var listed in list.Where(listed => !since.Contains(listed.Channel!.Id) && !_byLeg.ContainsKey(listed.Channel!.Id)).OrderByDescending(static listed => listed.Seconds))
        {
            Adopt(listed, list, at);
        }

        return untold;
    }

    // A channel that calls out, and that nobody saw begin.
    private void Adopt(LiveMessage listed, List<LiveMessage> list, long at)
    {
        var leg = listed.Channel!;
        if (listed.Application != "AppDial" || leg.Name.StartsWith(Local, StringComparison.Ordinal))
        {
            return;
        }

        var endpoint = Endpoint(leg.Name);
        var diallers = list.FindAll(one => one.Application == "Dial" && one.Channel!.Linked == leg.Linked && one.Channel.Id != leg.Id);
        var dialler = diallers.Find(one => one.Data.Contains(endpoint, StringComparison.Ordinal)) ?? diallers.Find(static one => !one.Channel!.Name.StartsWith(Local, StringComparison.Ordinal)) ?? diallers.FirstOrDefault();
        var since = at - (Math.Clamp(listed.Seconds, 0, LongestCall) * 1000);
        Begin(dialler?.Channel, leg, dialler is null ? leg.Caller : Sent(dialler.Data, endpoint) is { Length: > 0 } sent ? sent : leg.Caller, at, since);
        if (leg.State == LiveChannel.Up)
        {
            Answer(leg.Id, at, since);
        }
    }

    // Which of several numbers that it dialled at once over one trunk the channel got nobody can tell afterwards: the dearest.
    private string Sent(string data, string endpoint)
    {
        var channels = data.Split(',', 2)[0].Split('&');
        return channels.Where(one => channels.Length == 1 || one.Contains(endpoint, StringComparison.Ordinal)).Select(static one => ChannelName.SentNumber(one).ToString())
            .MaxBy(one => rules.Read(one, NumberPlans.BuiltIn) is { Kind: DialledKind.Outside } read ? tariff.For(read.Number).Rate.PerMinute : -1) ?? "";
    }

    private Known? Know(LiveChannel seen, long at, long? since = null)
    {
        _listed?.Add(seen.Id);
        if (!_channels.TryGetValue(seen.Id, out var known))
        {
            if (_channels.Count >= MostChannels)
            {
                return null;
            }

            known = new Known(seen, since ?? at);
            _channels[seen.Id] = known;
            Join(known, seen);
        }
        else if (known.Seen.Linked != seen.Linked)
        {
            Leave(known);
            known.Seen = seen;
            Join(known, seen);
        }

        known.Seen = seen;
        if (CallReading.IsDialledOn(seen.Context))
        {
            known.DialsOn = true;
        }
        else if (seen.Exten.Length > 1 && rules.Read(seen.Exten, NumberPlans.BuiltIn).Kind == DialledKind.Internal && seen.Exten != _groups[seen.Linked].Did)
        {
            // A digit alone is a choice in a menu.
            (known.Inside, known.DialsOn) = (seen.Exten, false);
        }

        if (seen.State == LiveChannel.Up)
        {
            Answer(seen.Id, at);
        }

        return known;
    }

    private void Join(Known known, LiveChannel seen)
    {
        if (!_groups.TryGetValue(seen.Linked, out var group))
        {
            _groups[seen.Linked] = group = new Group();
        }

        group.Members++;
        if (group.Root is null || seen.Id == seen.Linked)
        {
            group.Root = Endpoint(seen.Name);
            group.IsFromOutside = !seen.Name.StartsWith(Local, StringComparison.Ordinal) && isTrunk(group.Root) == true;
            group.Did = group.IsFromOutside ? seen.Exten : "";
            group.Caller = seen.Caller;
            group.Since = known.Since;
        }
    }

    private void Leave(Known known)
    {
        if (_groups.TryGetValue(known.Seen.Linked, out var group) && --group.Members == 0)
        {
            _groups.Remove(known.Seen.Linked);
        }
    }

    private void Dial(LiveMessage message, long at)
    {
        var leg = message.Other!;
        Know(leg, at);
        if (message.Channel is { } caller)
        {
            Know(caller, at);
        }

        if (leg.Name.StartsWith(Local, StringComparison.Ordinal))
        {
            return;
        }

        // The event has what Dial was given without the technology: "0117...@trunk", "trunk/0117...".
        var number = ChannelName.SentNumber($"X/{message.Text}").ToString();
        if (number.Length == 0 && rules.Read(message.Text, NumberPlans.BuiltIn).Kind == DialledKind.Outside)
        {
            // A line end that the caller dialled hides the trunk behind the number: "0023279000001\r\n\r\n@trunk".
            number = message.Text;
        }

        Begin(message.Channel, leg, number, at, at);
        if (leg.State == LiveChannel.Up)
        {
            Answer(leg.Id, at);
        }
    }

    /// <param name="since">When it began: before <paramref name="at"/> where nobody saw it. The engine is told at the moment that it is: for it time goes on alone.</param>
    private void Begin(LiveChannel? dialler, LiveChannel leg, string number, long at, long since)
    {
        var trunk = Endpoint(leg.Name);
        if (isTrunk(trunk) is false || rules.IsInside(trunk) || number.Length == 0 || number == trunk || _byLeg.ContainsKey(leg.Id))
        {
            return;
        }

        var dialled = Number(number, dialler, isTrunk(trunk) == true);

        // Who calls for help is never in the way of anything.
        if (dialled.Kind is DialledKind.Internal or DialledKind.Emergency || (dialled.Kind == DialledKind.Unreadable && !MayCost(number, isTrunk(trunk) == true)))
        {
            return;
        }

        // Several numbers at once are several calls: whichever is answered costs what it costs.
        var siblings = dialler is null ? null : _byDialler.GetValueOrDefault(dialler.Id);
        if (siblings?.Find(one => one.Attempt.Dialled.Kind == dialled.Kind && one.Attempt.Dialled.ToString() == dialled.ToString()) is { } same)
        {
            AddLeg(same, leg);
            return;
        }

        var id = dialler is null || _calls.ContainsKey(dialler.Id) ? leg.Id : dialler.Id;
        if (_calls.TryGetValue(id, out var other))
        {
            // A leg that dials on and is dialled: nothing of Asterisk's does, and no call is lost for it.
            AddLeg(other, leg);
            return;
        }

        var price = tariff.For(dialled);
        var (extension, origin) = PaidBy(dialler, leg);
        var did = _groups.GetValueOrDefault(leg.Linked)?.Did ?? "";
        var call = new OutsideCall(id, new CallAttempt(since, extension, dialler?.Caller ?? "", trunk, did, (dialler ?? leg).AccountCode, dialled, price, origin), dialler?.Id ?? "");
        _calls[id] = call;
        AddLeg(call, leg);
        if (dialler is not null)
        {
            (siblings ?? (_byDialler[dialler.Id] = [])).Add(call);
        }

        told.Begin(id, call.Attempt with { At = at });
    }

    private DialledNumber Number(string text, LiveChannel? dialler, bool toTrunk)
    {
        var read = rules.Read(text, NumberPlans.BuiltIn, toTrunk);
        if (read.Kind != DialledKind.Unreadable)
        {
            return read;
        }

        // Behind a line end that a caller dialled stands what he wants unread: a whole number before it is the number.
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1f') is > 0 and var end && rules.Read(text[..end], NumberPlans.BuiltIn, toTrunk) is { Kind: DialledKind.Outside } before)
        {
            return before;
        }

        // A carrier's own prefix. Text that holds more than a number may be somebody's way to have one read and another called.
        return dialler is not null && dialler.Exten.All(static c => char.IsAsciiDigit(c) || c is '+' or '*' or '#') && rules.Read(dialler.Exten, NumberPlans.BuiltIn) is { Kind: DialledKind.Outside } meant ? meant : read;
    }

    // A name (a user of another system, a phone's own contact) leads to no carrier; no number abroad has fewer digits. Letters mean something to a trunk alone: %30 is a 0.
    private static bool MayCost(string text, bool toTrunk) => text.Count(char.IsAsciiDigit) >= FewestDigits && (toTrunk || !text.Any(char.IsAsciiLetter));

    private void AddLeg(OutsideCall call, LiveChannel leg)
    {
        call.Legs[leg.Id] = leg.Name;
        _byLeg[leg.Id] = call;
    }

    private (string Extension, CallOrigin Origin) PaidBy(LiveChannel? dialler, LiveChannel leg)
    {
        var group = _groups.GetValueOrDefault(leg.Linked);
        if (dialler is null)
        {
            return ("originated", CallOrigin.Phone);
        }

        var own = Endpoint(dialler.Name);
        var isLocal = dialler.Name.StartsWith(Local, StringComparison.Ordinal);
        if (group?.Forwarder is { } forwarder && (isLocal || isTrunk(own) == true))
        {
            return (forwarder, CallOrigin.Forwarded);
        }

        if (!isLocal && isTrunk(own) != true)
        {
            return (own, CallOrigin.Phone);
        }

        if (group is not { IsFromOutside: true })
        {
            return (group?.Root is { Length: > 0 } root && !root.Contains('@', StringComparison.Ordinal) ? root : own, CallOrigin.Phone);
        }

        // Digits are heard once the call is answered: the number that it is at then, and that is none of the site's, is what the caller said himself.
        var known = _channels.GetValueOrDefault(dialler.Id);
        if (known is { DialsOn: true }
            || (!isLocal && dialler.State == LiveChannel.Up && rules.Read(dialler.Exten, NumberPlans.BuiltIn) is { Kind: DialledKind.Outside } said && said != rules.Read(group.Did, NumberPlans.BuiltIn)))
        {
            return (group.Root!, CallOrigin.DialledOn);
        }

        // The dialplan forwards: what was called last inside is whose forwarding it is. Who dialled on at an IVR or DISA called nobody's.
        var inside = known?.Inside is { Length: > 0 } at ? at : _channels.GetValueOrDefault(dialler.Linked)?.Inside ?? "";
        return inside.Length > 0 ? (inside, CallOrigin.Forwarded) : (group.Root!, isLocal || dialler.Exten == group.Did ? CallOrigin.Forwarded : CallOrigin.DialledOn);
    }

    private void Dialled(LiveMessage message, long at)
    {
        Know(message.Other!, at);
        if (message.Text.Length > 0 && _groups.TryGetValue(message.Other!.Linked, out var group))
        {
            group.Forwarder = Endpoint(message.Other.Name);
        }
    }

    private void Answer(string leg, long at) => Answer(leg, at, at);

    private void Answer(string leg, long at, long since)
    {
        if (_byLeg.TryGetValue(leg, out var call) && call.AnsweredAt == 0)
        {
            call.AnsweredAt = since;
            told.Answer(call.Id, at);
        }
    }

    private void Rename(LiveMessage message)
    {
        if (_channels.TryGetValue(message.Channel!.Id, out var known))
        {
            known.Seen = known.Seen with { Name = message.Text };
        }

        if (_byLeg.TryGetValue(message.Channel.Id, out var call))
        {
            call.Legs[message.Channel.Id] = message.Text;
        }
    }

    private void Forget(string id, long at, LiveChannel? seen)
    {
        if (_byLeg.Remove(id, out var call))
        {
            call.Legs.Remove(id);
            if (call.Legs.Count == 0)
            {
                _calls.Remove(call.Id);
                if (_byDialler.TryGetValue(call.DiallerId, out var siblings) && siblings.Remove(call) && siblings.Count == 0)
                {
                    _byDialler.Remove(call.DiallerId);
                }

                told.End(call.Id, at);
            }
        }

        if (!_channels.Remove(id, out var known))
        {
            return;
        }

        // A call in that nobody answered: who calls back pays.
        if (id == known.Seen.Linked && _groups.TryGetValue(id, out var group) && group.IsFromOutside)
        {
            var wasUp = (seen ?? known.Seen).State == LiveChannel.Up;
            told.See(new SiteEvent(SiteEventKind.CallIn, at, "", group.Caller, wasUp ? 0 : (int)Math.Clamp((at - group.Since) / 1000, 0, 86_400)));
        }

        Leave(known);
        told.Gone(id, at);
    }

    private static string Endpoint(string channel) => ChannelName.Endpoint(channel).ToString();

    private sealed class Known(LiveChannel seen, long since)
    {
        public LiveChannel Seen { get; set; } = seen;

        public long Since => since;

        /// <summary>The last extension of the site that it was at.</summary>
        public string Inside { get; set; } = "";

        /// <summary>Since then it was where callers dial on: a menu, DISA, a mailbox.</summary>
        public bool DialsOn { get; set; }
    }

    // Channels of one story: they share the id of the first.
    private sealed class Group
    {
        public int Members { get; set; }

        public string? Root { get; set; }

        public bool IsFromOutside { get; set; }

        public string Did { get; set; } = "";

        public string Caller { get; set; } = "";

        public long Since { get; set; }

        /// <summary>The phone that sent the call on.</summary>
        public string? Forwarder { get; set; }
    }
}
