using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>A channel that is there, and what was told of it since it came.</summary>
internal sealed class KnownChannel(LiveChannel seen, long since)
{
    public LiveChannel Seen { get; set; } = seen;

    public long Since => since;

    /// <summary>What its caller showed first: a dialplan shows the site's number to the other side.</summary>
    public string Caller { get; } = seen.Caller;

    /// <summary>The last extension of the site that it was at.</summary>
    public string Inside { get; set; } = "";

    /// <summary>The last number of the world that it was at, and that is none of the site's: what it dialled. FreePBX goes on at "s".</summary>
    public string Outside { get; set; } = "";

    /// <summary>What the extension is at which it was seen last: a list of all channels tells each minute what is known.</summary>
    public (string Exten, DialledKind Kind) Read { get; set; } = ("", DialledKind.Unreadable);

    /// <summary>Since then it was where callers dial on: a menu, DISA, a mailbox.</summary>
    public bool DialsOn { get; set; }

    /// <summary>The phone that transferred it (which its user dials), or whose 302 it is dialled for (which whoever calls the phone makes it do); null: none.</summary>
    public (string Phone, CallOrigin Origin)? SentOn { get; set; }

    /// <summary>The unique id of the channel that dials it; "": nobody was seen to.</summary>
    public string DialledBy { get; set; } = "";

    /// <summary>The phone that it dialled last.</summary>
    public string Dialled { get; set; } = "";

    /// <summary>A phone that it dialled wants it elsewhere (302): which, and where, as Asterisk dials that.</summary>
    public (string Phone, string To)? Redirect { get; set; }
}

/// <summary>Channels of one story: they share the id of the first.</summary>
internal sealed class ChannelStory
{
    public int Members { get; set; }

    /// <summary>Who it began with: a phone's or a trunk's endpoint, whoever called over a trunk between own sites; null: nobody saw that.</summary>
    public string? Root { get; set; }

    public bool IsFromOutside { get; set; }

    /// <summary>The number of the site that was called from outside.</summary>
    public string Did { get; set; } = "";

    public string Caller { get; set; } = "";

    public long Since { get; set; }

    /// <summary>The phone that transferred everybody else of a conference.</summary>
    public string Transferrer { get; set; } = "";

    /// <summary>The phone that has the other side wait, and its channel.</summary>
    public (string Phone, string Id) Holder { get; set; } = ("", "");
}

/// <summary>The channels that there are, by their ids and names.</summary>
internal sealed class LiveChannels(Func<string, bool?> isTrunk, DiallingRules rules)
{
    /// <summary>So many channels are known at once: a forged or broken stream can't grow it.</summary>
    public const int Most = 100_000;

    private const string Local = "Local/";
    private const int MostTrunks = 1_000;

    private readonly Dictionary<string, KnownChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChannelStory> _stories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public int Count => _channels.Count;

    public IEnumerable<string> Ids => _channels.Keys;

    public static bool IsLocal(string name) => name.StartsWith(Local, StringComparison.Ordinal);

    public static string Endpoint(string name) => ChannelName.Endpoint(name).ToString();

    /// <returns>null: nobody knows.</returns>
    public bool? Kind(string name) => IsLocal(name) ? false : Endpoint(name) is var endpoint && isTrunk(endpoint) is { } known ? known : ChannelName.IsSpan(endpoint) || _seen.Contains(endpoint) ? true : null;

    public bool IsTrunk(string name) => Kind(name) == true;

    /// <summary>A trunk, and not to the operator's own other PBX.</summary>
    public bool IsOutside(string name) => IsTrunk(name) && !rules.IsInside(Endpoint(name));

    /// <summary>Who calls at a channel: its endpoint, and over a trunk between own sites whoever calls there.</summary>
    public string Payer(LiveChannel channel) => rules.Payer(Endpoint(channel.Name), Find(channel.Id)?.Caller ?? channel.Caller);

    /// <summary>An endpoint that no file has was sent a number of the world.</summary>
    public void SawTrunk(string endpoint)
    {
        if (_seen.Count < MostTrunks && isTrunk(endpoint) is null)
        {
            _seen.Add(endpoint);
        }
    }

    public KnownChannel? Find(string id) => _channels.GetValueOrDefault(id);

    public ChannelStory? StoryOf(string linked) => _stories.GetValueOrDefault(linked);

    /// <summary>A Local channel has two ends, "...;1" and "...;2".</summary>
    public KnownChannel? OtherEnd(string name) =>
        IsLocal(name) && name is [.. var stem, ';', '1' or '2'] && _ids.TryGetValue($"{stem};{(name[^1] == '1' ? '2' : '1')}", out var id) ? Find(id) : null;

    /// <summary>It is so.</summary>
    /// <param name="since">When it came, in milliseconds.</param>
    /// <returns>null: there are too many.</returns>
    public KnownChannel? Know(LiveChannel seen, long since)
    {
        if (!_channels.TryGetValue(seen.Id, out var known))
        {
            if (_channels.Count >= Most)
            {
                return null;
            }

            known = new KnownChannel(seen, since);
            _channels[seen.Id] = known;
            Join(known, seen);
        }
        else if (known.Seen.Linked != seen.Linked)
        {
            Leave(known);
            known.Seen = seen with { Name = known.Seen.Name };
            Join(known, seen);
        }

        Name(known, seen.Name);
        known.Seen = seen;
        var kind = DialledKind.Unreadable;
        if (seen.Exten.Length > 1 && seen.Exten != _stories[seen.Linked].Did)
        {
            known.Read = known.Read.Exten == seen.Exten ? known.Read : (seen.Exten, rules.Read(seen.Exten, NumberPlans.BuiltIn).Kind);
            kind = known.Read.Kind;
        }

        known.Outside = kind == DialledKind.Outside ? seen.Exten : known.Outside;
        if (CallReading.IsDialledOn(seen.Context))
        {
            known.DialsOn = true;
        }
        else if (kind == DialledKind.Internal)
        {
            // A digit alone is a choice in a menu.
            (known.Inside, known.DialsOn) = (seen.Exten, false);
        }

        return known;
    }

    public void Rename(string id, string name)
    {
        if (_channels.TryGetValue(id, out var known))
        {
            Name(known, name);
            known.Seen = known.Seen with { Name = name };
        }
    }

    /// <summary>It is gone.</summary>
    public KnownChannel? Remove(string id)
    {
        if (_channels.Remove(id, out var known))
        {
            Unname(known);
            Leave(known);
        }

        return known;
    }

    // Of two channels that have one name for a moment, while they change places, the later one has it.
    private void Name(KnownChannel known, string name)
    {
        if (known.Seen.Name != name)
        {
            Unname(known);
        }

        if (IsLocal(name))
        {
            _ids[name] = known.Seen.Id;
        }
    }

    private void Unname(KnownChannel known)
    {
        if (_ids.TryGetValue(known.Seen.Name, out var id) && id == known.Seen.Id)
        {
            _ids.Remove(known.Seen.Name);
        }
    }

    private void Join(KnownChannel known, LiveChannel seen)
    {
        if (!_stories.TryGetValue(seen.Linked, out var story))
        {
            _stories[seen.Linked] = story = new ChannelStory();
        }

        story.Members++;
        if (story.Root is null || seen.Id == seen.Linked)
        {
            story.Root = Payer(seen);
            story.IsFromOutside = IsOutside(seen.Name);
            story.Did = story.IsFromOutside ? seen.Exten : "";
            story.Caller = seen.Caller;
            story.Since = known.Since;
        }
    }

    private void Leave(KnownChannel known)
    {
        if (!_stories.TryGetValue(known.Seen.Linked, out var story))
        {
            return;
        }

        if (story.Holder.Id == known.Seen.Id)
        {
            story.Holder = ("", "");
        }

        if (--story.Members == 0)
        {
            _stories.Remove(known.Seen.Linked);
        }
    }
}
