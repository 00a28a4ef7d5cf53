namespace Ringfence.Core.Fraud;

/// <summary>One extension, trunk... with what each limit has counted for it.</summary>
/// <remarks>What strangers make an extension call (its forwarding, its voicemail) is counted apart from what is dialled there, in a key of its own (<see cref="For"/>): else whoever calls a voicemail
/// could have its owner's calls stopped.</remarks>
/// <param name="limits">How many limits the policy has.</param>
internal sealed class LimitKey(LimitScope scope, string name, int limits)
{
    private static readonly int Origins = Enum.GetValues<CallOrigin>().Length;

    private readonly List<LiveCall> _calls = [];
    private readonly LimitKey? _whole;
    private LimitKey?[]? _parts;
    private ActiveDays _days;

    // Most countries of an extension are looked at by no limit.
    private CallMeter?[]? _meters;

    public LimitScope Scope => scope;

    /// <summary>"201", "201 SL", "trunk-a"; of the site ""; of what others make it call "201 forwarded", "201 SL dialled-on".</summary>
    public string Name => name;

    /// <summary>How the calls came about that it counts.</summary>
    public CallOrigin Origin { get; private init; }

    /// <summary>The one that it is a part of; itself.</summary>
    public LimitKey Whole
    {
        get => _whole ?? this;
        private init => _whole = value;
    }

    /// <summary>By the limit's number; null: it never looked.</summary>
    public CallMeter?[] Meters => _meters ??= new CallMeter?[limits];

    /// <summary>Its calls that were asked about or go on, in no order.</summary>
    public IReadOnlyList<LiveCall> Calls => _calls;

    /// <summary>Those of its parts with them.</summary>
    public IEnumerable<LiveCall> AllCalls => _parts is null ? _calls : _calls.Concat(_parts.SelectMany(static part => part?._calls ?? []));

    /// <summary>Nothing of it goes on.</summary>
    public bool IsIdle => _calls.Count == 0 && (_parts is null || Array.TrueForAll(_parts, static part => part is null or { _calls.Count: 0 }));

    /// <summary>The first moment that it was seen.</summary>
    public long Since { get; set; }

    public long SeenAt { get; set; }

    /// <summary>The limits whose filter has the name in it, a bit for each: of an extension.</summary>
    public ulong Limits { get; init; }

    /// <summary>Of an extension and of the site: its calls by country.</summary>
    public Dictionary<string, LimitKey>? Countries { get; set; }

    /// <summary>Days with a talk, of a country: of all its calls.</summary>
    public ref ActiveDays Days => ref Whole._days;

    /// <summary>What counts calls that came about so: of those that somebody dials at a phone it itself.</summary>
    public LimitKey For(CallOrigin origin)
    {
        if (origin == CallOrigin.Phone)
        {
            return Whole;
        }

        ref var part = ref (Whole._parts ??= new LimitKey?[Origins])[(int)origin];
        return part ??= new LimitKey(scope, PartOf(Whole.Name, origin), limits) { Origin = origin, Since = Since, Limits = Limits, Whole = Whole };
    }

    /// <summary>The name of a key's part.</summary>
    public static string PartOf(string name, CallOrigin origin) => origin == CallOrigin.Phone ? name : name.Length == 0 ? OriginText.Of(origin) : $"{name} {OriginText.Of(origin)}";

    /// <returns>null: none of that name was there yet.</returns>
    public LimitKey? Part(CallOrigin origin) => origin == CallOrigin.Phone ? Whole : Whole._parts?[(int)origin];

    /// <summary>What was counted is forgotten.</summary>
    public void Clear()
    {
        _meters = null;
        foreach (var part in _parts ?? [])
        {
            part?.Clear();
        }
    }

    public void Add(LiveCall call)
    {
        call.Places[(int)scope] = _calls.Count;
        _calls.Add(call);
    }

    public void Remove(LiveCall call)
    {
        var place = call.Places[(int)scope];
        var last = _calls[^1];
        _calls[place] = last;
        last.Places[(int)scope] = place;
        _calls.RemoveAt(_calls.Count - 1);
    }
}
