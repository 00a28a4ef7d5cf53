using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Who is told of live calls to outside.</summary>
internal interface ILiveCalls
{
    /// <summary>Again with another payer: whose it is was known too late.</summary>
    void Begin(string id, in CallAttempt attempt);

    void Answer(string id, long at);

    /// <summary>It is still there, says the list of all channels.</summary>
    void GoesOn(string id, long at);

    void End(string id, long at);

    void See(SiteEvent seen);

    /// <summary>A channel ended, whatever it was.</summary>
    void Gone(string channel, long at);
}

/// <summary>A call to outside that goes on.</summary>
/// <param name="Id">The unique id of the channel that dials: what a gate in the dialplan is asked by. Where that dials several numbers at once, of the others that of their first channel.</param>
/// <param name="DiallerId">The unique id of the channel that dials; "" where nobody does.</param>
internal sealed record OutsideCall(string Id, CallAttempt Attempt, string DiallerId)
{
    /// <summary>Whose it is may be told a moment after it began.</summary>
    public CallAttempt Attempt { get; set; } = Attempt;

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
    // Of a number abroad, with its country's code.
    private const int FewestDigits = 7;

    private readonly LiveChannels _channels = new(isTrunk, rules);
    private readonly Dictionary<string, OutsideCall> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutsideCall> _byLeg = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<OutsideCall>> _byDialler = new(StringComparer.Ordinal);
    private WhoPays? _payer;
    private ChannelList? _list;

    public IReadOnlyCollection<OutsideCall> Calls => _calls.Values;

    public int Channels => _channels.Count;

    private WhoPays Payer => _payer ??= new WhoPays(_channels, rules);

    public OutsideCall? Find(string id) => _calls.GetValueOrDefault(id);

    /// <summary>Whose a call is that a channel dials, <see cref="CallAttempt.Originated"/> of one that no phone began; null: the channel is not known.</summary>
    public (string Extension, CallOrigin Origin)? PaidBy(string id) => _channels.Find(id) is { } known ? Payer.Of(known.Seen) : null;

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
                Know(message.Other!, at);
                if (message is { Text.Length: > 0, Channel: { } dialler })
                {
                    Payer.Redirected(dialler, message.Other!, message.Text);
                }

                break;
            case LiveKind.Hangup:
                _list?.Saw(message.Channel!.Id);
                Forget(message.Channel!.Id, at, message.Channel);
                break;
            case LiveKind.Renamed:
                Rename(message);
                break;
            case LiveKind.Transferred when message.Other is { } who:
                Payer.Transferred(who, message.Channel, message.Text);
                Reassign(message.Channel, at);
                break;
            case LiveKind.Held or LiveKind.Unheld:
                Know(message.Channel!, at);
                Payer.Holds(message.Channel!, message.Kind == LiveKind.Held);
                break;
            case LiveKind.Listed:
                _list?.Add(message, _channels.Find(message.Channel!.Id)?.Seen);
                break;
            default:
                break;
        }
    }

    /// <summary>The clock was set by so many milliseconds: calls that go on have lasted for as long as they had.</summary>
    public void SetClock(long by)
    {
        foreach (var call in _calls.Values)
        {
            (call.Attempt, call.AnsweredAt) = (call.Attempt with { At = call.Attempt.At + by }, call.AnsweredAt > 0 ? call.AnsweredAt + by : 0);
        }
    }

    /// <summary>The list of all channels was asked for.</summary>
    public void BeginList() => _list = new ChannelList(rules, tariff);

    /// <summary>It is complete: what it does not have is gone, what nobody told of begins.</summary>
    /// <returns>How many channels it has that no event told of.</returns>
    public int EndList(long at)
    {
        if (_list is not { } list)
        {
            return 0;
        }

        _list = null;
        foreach (var gone in list.Gone(_channels.Ids))
        {
            Forget(gone, at, null);
        }

        var all = list.Told;
        var untold = all.Count(listed => _channels.Find(listed.Channel.Id) is null);
        foreach (var listed in all)
        {
            Know(listed.Channel, at, ChannelList.Since(listed, at));
        }

        foreach (var listed in all.Where(listed => !_byLeg.ContainsKey(listed.Channel.Id)).OrderByDescending(static listed => listed.Seconds))
        {
            // A channel that calls out, and that nobody saw begin.
            if (list.CallTo(listed) is not var (dialler, number, isAddress))
            {
                continue;
            }

            var since = ChannelList.Since(listed, at);
            Begin(dialler, listed.Channel, number, isAddress, at, since);
            if (listed.Channel.State == LiveChannel.Up)
            {
                Answer(listed.Channel.Id, at, since);
            }
        }

        foreach (var id in _calls.Keys)
        {
            told.GoesOn(id, at);
        }

        return untold;
    }

    private void Know(LiveChannel seen, long at, long? since = null)
    {
        _list?.Saw(seen.Id);
        if (_channels.Know(seen, since ?? at) is not null && seen.State == LiveChannel.Up)
        {
            Answer(seen.Id, at);
        }
    }

    private void Dial(LiveMessage message, long at)
    {
        var leg = message.Other!;
        Know(leg, at);
        if (message.Channel is { } caller)
        {
            Know(caller, at);
            Payer.Dials(caller, leg, message.Text);
        }

        if (LiveChannels.IsLocal(leg.Name))
        {
            Reassign(_channels.OtherEnd(leg.Name)?.Seen, at);
            return;
        }

        // What Dial was given without the technology: "0117...@trunk", "trunk/0117..."; of a queue's member with it (app_queue.c of 22).
        var technology = leg.Name[..(leg.Name.IndexOf('/', StringComparison.Ordinal) + 1)];
        var number = ChannelName.SentNumber(message.Text.StartsWith(technology, StringComparison.Ordinal) ? message.Text : technology + message.Text).ToString();
        if (number.Length == 0 && rules.Read(message.Text, NumberPlans.BuiltIn).Kind == DialledKind.Outside)
        {
            // A line end that the caller dialled hides the trunk behind the number: "0023279000001\r\n\r\n@trunk".
            number = message.Text;
        }

        Begin(message.Channel, leg, number, ChannelName.IsAddress(message.Text, LiveChannels.Endpoint(leg.Name)), at, at);
        if (leg.State == LiveChannel.Up)
        {
            Answer(leg.Id, at);
        }
    }

    /// <param name="since">When it began: before <paramref name="at"/> where nobody saw it. The engine is told at the moment that it is: for it time goes on alone.</param>
    private void Begin(LiveChannel? dialler, LiveChannel leg, string number, bool isAddress, long at, long since)
    {
        var (trunk, isTrunk) = (LiveChannels.Endpoint(leg.Name), _channels.Kind(leg.Name));
        if (isTrunk is false || rules.IsInside(trunk) || number.Length == 0 || number == trunk || _byLeg.ContainsKey(leg.Id) || (isAddress && isTrunk is null && IsContact(trunk, dialler)))
        {
            return;
        }

        var dialled = Number(number, dialler, isTrunk == true);

        // Who calls for help is never in the way of anything.
        if (dialled.Kind is DialledKind.Internal or DialledKind.Emergency || (dialled.Kind == DialledKind.Unreadable && !MayCost(number, isTrunk == true)))
        {
            return;
        }

        if (isTrunk is null && !isAddress && !rules.IsExtension(trunk) && dialled is { Kind: DialledKind.Outside, Number.IsValid: true })
        {
            _channels.SawTrunk(trunk);
        }

        // Several numbers at once are several calls: whichever is answered costs what it costs.
        var siblings = dialler is null ? null : _byDialler.GetValueOrDefault(dialler.Id);
        if (siblings?.Find(one => one.Attempt.Dialled.Kind == dialled.Kind && one.Attempt.Dialled.ToString() == dialled.ToString() && one.AnsweredAt == 0) is { } same)
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
        var (extension, origin) = Payer.Of(dialler, leg);
        var did = _channels.StoryOf(leg.Linked)?.Did ?? "";
        var call = new OutsideCall(id, new CallAttempt(since, extension, dialler?.Caller ?? "", trunk, did, (dialler ?? leg).AccountCode, dialled, price, origin), dialler?.Id ?? "");
        _calls[id] = call;
        AddLeg(call, leg);
        if (dialler is not null)
        {
            (siblings ?? (_byDialler[dialler.Id] = [])).Add(call);
        }

        told.Begin(id, call.Attempt with { At = at });
    }

    // A phone that is in no file registers whatever it likes: its address is no number that anybody is sent, unless somebody dialled one.
    private bool IsContact(string endpoint, LiveChannel? dialler) =>
        rules.IsExtension(endpoint) || (dialler is not null && (rules.Read(dialler.Exten, NumberPlans.BuiltIn).Kind == DialledKind.Internal || _channels.Find(dialler.Id) is not { Outside.Length: > 0 }));

    private DialledNumber Number(string text, LiveChannel? dialler, bool toTrunk)
    {
        var read = rules.Read(text, NumberPlans.BuiltIn, toTrunk, hasLine: text == dialler?.Exten);
        if (read.Kind != DialledKind.Unreadable)
        {
            return dialler is null ? rules.BehindPrefix(read, NumberPlans.BuiltIn) ?? read
                : Dialled(dialler) is { } dialled && DiallingRules.IsBehindPrefix(read, dialled) ? dialled
                : text == dialler.Exten ? read
                : rules.BehindPrefix(read, NumberPlans.BuiltIn) ?? read;
        }

        // Behind a line end that a caller dialled stands what he wants unread: a whole number before it is the number.
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1f') is > 0 and var end && rules.Read(text[..end], NumberPlans.BuiltIn, toTrunk, hasLine: false) is { Kind: DialledKind.Outside } before)
        {
            return before;
        }

        // A carrier's own prefix. Text that holds more than a number may be somebody's way to have one read and another called.
        return dialler is not null && dialler.Exten.All(static c => char.IsAsciiDigit(c) || c is '+' or '*' or '#') && rules.Read(dialler.Exten, NumberPlans.BuiltIn) is { Kind: DialledKind.Outside } meant ? meant : read;
    }

    // Where its macros are FreePBX's dialplan is at "s".
    private DialledNumber? Dialled(LiveChannel dialler)
    {
        var here = rules.Read(dialler.Exten, NumberPlans.BuiltIn);
        return here.Kind == DialledKind.Outside ? here : _channels.Find(dialler.Id) is { Outside: { Length: > 0 } before } ? rules.Read(before, NumberPlans.BuiltIn) : null;
    }

    // A name (a user of another system, a phone's own contact) leads to no carrier; no number abroad has fewer digits. Letters mean something to a trunk alone: %30 is a 0.
    private static bool MayCost(string text, bool toTrunk) => text.Count(char.IsAsciiDigit) >= FewestDigits && (toTrunk || !text.Any(char.IsAsciiLetter));

    private void AddLeg(OutsideCall call, LiveChannel leg)
    {
        call.Legs[leg.Id] = leg.Name;
        _byLeg[leg.Id] = call;
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

    // Two threads of Asterisk tell of what a channel dials and of who sent it there, and either may be first.
    private void Reassign(LiveChannel? dialler, long at)
    {
        foreach (var call in dialler is null ? [] : _byDialler.GetValueOrDefault(dialler.Id)?.ToArray() ?? [])
        {
            var (extension, origin) = Payer.Of(dialler!);
            if ((call.Attempt.Extension, call.Attempt.Origin) == (extension, origin))
            {
                continue;
            }

            call.Attempt = call.Attempt with { Extension = extension, Origin = origin };
            told.Begin(call.Id, call.Attempt with { At = at });
        }
    }

    private void Rename(LiveMessage message)
    {
        _channels.Rename(message.Channel!.Id, message.Text);
        if (_byLeg.TryGetValue(message.Channel.Id, out var call))
        {
            call.Legs[message.Channel.Id] = message.Text;
        }
    }

    /// <summary>A call's record says that it is over, and nobody told of its channels.</summary>
    public void End(string id, long at)
    {
        foreach (var leg in Find(id)?.Legs.Keys.ToList() ?? [])
        {
            EndLeg(leg, at);
        }
    }

    private void EndLeg(string id, long at)
    {
        if (_byLeg.Remove(id, out var call) && call.Legs.Remove(id) && call.Legs.Count == 0)
        {
            _calls.Remove(call.Id);
            if (_byDialler.TryGetValue(call.DiallerId, out var siblings) && siblings.Remove(call) && siblings.Count == 0)
            {
                _byDialler.Remove(call.DiallerId);
            }

            told.End(call.Id, at);
        }
    }

    private void Forget(string id, long at, LiveChannel? seen)
    {
        EndLeg(id, at);
        var story = _channels.Find(id) is { } there ? _channels.StoryOf(there.Seen.Linked) : null;
        if (_channels.Remove(id) is not { } known)
        {
            return;
        }

        // A call in that nobody answered: who calls back pays.
        if (id == known.Seen.Linked && story is { IsFromOutside: true })
        {
            var wasUp = (seen ?? known.Seen).State == LiveChannel.Up;
            told.See(new SiteEvent(SiteEventKind.CallIn, at, "", story.Caller, wasUp ? 0 : (int)Math.Clamp((at - story.Since) / 1000, 0, 86_400)));
        }

        told.Gone(id, at);
    }
}
