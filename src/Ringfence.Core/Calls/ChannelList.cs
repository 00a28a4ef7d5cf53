using System.Runtime.InteropServices;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>A channel of the list.</summary>
/// <param name="Application">What runs on it; "" where that is nothing that dials.</param>
/// <param name="Data">What <see cref="ChannelList.Dial"/> was given; "" of all others.</param>
/// <param name="Seconds">For how long there has been one.</param>
internal readonly record struct ListedChannel(LiveChannel Channel, string Application, string Data, long Seconds);

/// <summary>The list of all channels, while Asterisk tells it: it mends what events did not tell.</summary>
/// <remarks>It comes each minute and has thousands of channels where thousands of calls go on: kept is what nobody knows.</remarks>
internal sealed class ChannelList(DiallingRules rules, Tariff tariff)
{
    public const string Dial = "Dial";

    private const string Dialled = "AppDial";

    // A year: what is listed as older has no age that could be true.
    private const long LongestCall = 365 * 86_400;

    private readonly HashSet<string> _since = new(StringComparer.Ordinal);
    private readonly List<ListedChannel> _listed = [];

    // By the id that the channels of one story share.
    private readonly Dictionary<string, List<ListedChannel>> _diallers = new(StringComparer.Ordinal);

    /// <summary>An event told of it meanwhile, and knows better.</summary>
    public void Saw(string id) => _since.Add(id);

    /// <param name="known">How events told of it; null: none did.</param>
    public void Add(LiveMessage message, LiveChannel? known)
    {
        var channel = known is not null && known == message.Channel ? known : message.Channel!;
        var listed = message.Application switch
        {
            Dial => new ListedChannel(channel, Dial, message.Data, message.Seconds),
            Dialled => new ListedChannel(channel, Dialled, "", message.Seconds),
            _ => new ListedChannel(channel, "", "", message.Seconds),
        };
        _listed.Add(listed);
        if (listed.Application == Dial)
        {
            ref var diallers = ref CollectionsMarshal.GetValueRefOrAddDefault(_diallers, channel.Linked, out _);
            (diallers ??= []).Add(listed);
        }
    }

    /// <summary>What is told by the list alone.</summary>
    public IReadOnlyList<ListedChannel> Told => _listed.FindAll(listed => !_since.Contains(listed.Channel.Id));

    /// <returns>Those of the known channels that are there no more.</returns>
    public List<string> Gone(IEnumerable<string> known)
    {
        var there = _listed.Select(static listed => listed.Channel.Id).ToHashSet(StringComparer.Ordinal);
        return [.. known.Where(id => !there.Contains(id) && !_since.Contains(id))];
    }

    /// <returns>When it came, in milliseconds.</returns>
    public static long Since(in ListedChannel listed, long now) => now - (Math.Clamp(listed.Seconds, 0, LongestCall) * 1000);

    /// <summary>Who dials a channel that is called, which number it was sent, and whether that stood in an address (<see cref="ChannelName.IsAddress"/>); null: it is none.</summary>
    public (LiveChannel? Dialler, string Number, bool IsAddress)? CallTo(in ListedChannel listed)
    {
        var leg = listed.Channel;
        if (listed.Application != Dialled || LiveChannels.IsLocal(leg.Name))
        {
            return null;
        }

        var endpoint = LiveChannels.Endpoint(leg.Name);
        var diallers = (_diallers.GetValueOrDefault(leg.Linked) ?? []).FindAll(one => one.Channel.Id != leg.Id);
        if (diallers.Count == 0)
        {
            return (null, leg.Caller, false);
        }

        var dialler = diallers.Find(one => one.Data.Contains(endpoint, StringComparison.Ordinal)) is { Channel: not null } named ? named
            : diallers.Find(static one => !LiveChannels.IsLocal(one.Channel.Name)) is { Channel: not null } whole ? whole : diallers[0];
        return (dialler.Channel, Sent(dialler.Data, endpoint) is { Length: > 0 } sent ? sent : leg.Caller, ChannelName.IsAddress(dialler.Data, endpoint));
    }

    // Which of several numbers that it dialled at once over one trunk the channel got nobody can tell afterwards: the dearest.
    private string Sent(string data, string endpoint)
    {
        var all = data.Split(',', 2)[0].Split('&');
        return all.Where(one => all.Length == 1 || one.Contains(endpoint, StringComparison.Ordinal)).Select(static one => ChannelName.SentNumber(one).ToString())
            .MaxBy(one => rules.Read(one, NumberPlans.BuiltIn, hasLine: false) is { Kind: DialledKind.Outside } read ? tariff.For(read.Number).Rate.PerMinute : -1) ?? "";
    }
}
