namespace Ringfence.Core.Fraud;

/// <summary>One extension, trunk... with what each limit has counted for it.</summary>
/// <param name="limits">How many limits the policy has.</param>
internal sealed class LimitKey(LimitScope scope, string name, int limits)
{
    private readonly List<LiveCall> _calls = [];
    private ActiveDays _days;

    // Most countries of an extension are looked at by no limit.
    private CallMeter?[]? _meters;

    public LimitScope Scope => scope;

    /// <summary>"201", "201 SL", "trunk-a"; of the site "".</summary>
    public string Name => name;

    /// <summary>By the limit's number; null: it never looked.</summary>
    public CallMeter?[] Meters => _meters ??= new CallMeter?[limits];

    /// <summary>Its calls that were asked about or go on, in no order.</summary>
    public IReadOnlyList<LiveCall> Calls => _calls;

    /// <summary>The first moment that it was seen.</summary>
    public long Since { get; init; }

    public long SeenAt { get; set; }

    /// <summary>The limits whose filter has the name in it, a bit for each: of an extension.</summary>
    public ulong Limits { get; init; }

    /// <summary>Of an extension and of the site: its calls by country.</summary>
    public Dictionary<string, LimitKey>? Countries { get; set; }

    /// <summary>Days with a talk, of a country.</summary>
    public ref ActiveDays Days => ref _days;

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
