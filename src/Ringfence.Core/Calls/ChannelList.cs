using System.Runtime.InteropServices;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>The list of all channels, while Asterisk tells it: it mends what events did not tell.</summary>
internal sealed class ChannelList(DiallingRules rules, Tariff tariff)
{
    // A year: what is listed as older has no age that could be true.
    private const long LongestCall = 365 * 86_400;

    private readonly HashSet<string> _since = new(StringComparer.Ordinal);
    private readonly List<LiveMessage> _listed = [];

    // By the id that the channels of one story share.
    private readonly Dictionary<string, List<LiveMessage>> _diallers = new(StringComparer.Ordinal);

    /// <summary>An event told of it meanwhile, and knows better.</summary>
    public void Saw(string id) => _since.Add(id);

    public void Add(LiveMessage listed)
    {
        _listed.Add(listed);
        if (listed.Application == "Dial")
        {
            ref var diallers = ref CollectionsMarshal.GetValueRefOrAddDefault(_diallers, listed.Channel!.Linked, out _);
            (diallers ??= []).Add(listed);
        }
    }

    /// <summary>What is told by the list alone.</summary>
    public IReadOnlyList<LiveMessage> Told => _listed.FindAll(listed => !_since.Contains(listed.Channel!.Id));

    /// <returns>Those of the known channels that are there no more.</returns>
    public List<string> Gone(IEnumerable<string> known)
    {
        var there = _listed.Select(static listed => listed.Channel!.Id).ToHashSet(StringComparer.Ordinal);
        return [.. known.Where(id => !there.Contains(id) && !_since.Contains(id))];
    }

    /// <returns>When it came, in milliseconds.</returns>
    public static long Since(LiveMessage listed, long now) => now - (Math.Clamp(listed.Seconds, 0, LongestCall) * 1000);

    /// <summary>Who dials a channel that is called, which number it was sent, and whether that stood in an address (<see cref="ChannelName.IsAddress"/>); null: it is none.</summary>
    public (LiveChannel? Dialler, string Number, bool IsAddress)? CallTo(LiveMessage listed)
    {
        var leg = listed.Channel!;
        if (listed.Application != "AppDial" || LiveChannels.IsLocal(leg.Name))
        {
            return null;
        }

        var endpoint = LiveChannels.Endpoint(leg.Name);
        var diallers = (_diallers.GetValueOrDefault(leg.Linked) ?? []).FindAll(one => one.Channel!.Id != leg.Id);
        var dialler = diallers.Find(one => one.Data.Contains(endpoint, StringComparison.Ordinal)) ?? diallers.Find(static one => !LiveChannels.IsLocal(one.Channel!.Name)) ?? diallers.FirstOrDefault();
        return (dialler?.Channel, dialler is null ? leg.Caller : Sent(dialler.Data, endpoint) is { Length: > 0 } sent ? sent : leg.Caller,
            dialler is not null && ChannelName.IsAddress(dialler.Data, endpoint));
    }

    // Which of several numbers that it dialled at once over one trunk the channel got nobody can tell afterwards: the dearest.
    private string Sent(string data, string endpoint)
    {
        var all = data.Split(',', 2)[0].Split('&');
        return all.Where(one => all.Length == 1 || one.Contains(endpoint, StringComparison.Ordinal)).Select(static one => ChannelName.SentNumber(one).ToString())
            .MaxBy(one => rules.Read(one, NumberPlans.BuiltIn, hasLine: false) is { Kind: DialledKind.Outside } read ? tariff.For(read.Number).Rate.PerMinute : -1) ?? "";
    }
}
