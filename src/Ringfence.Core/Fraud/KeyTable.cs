namespace Ringfence.Core.Fraud;

/// <summary>All extensions, trunks... that were seen: bounded, for their names come from calls.</summary>
internal sealed class KeyTable(int limits, LimitMasks masks)
{
    /// <summary>Of each scope. Beyond it those go that were seen on the fewest days and longest ago; what calls go on for stays, however many they are.</summary>
    public const int MaxKeys = 10_000;

    private const int MaxCountries = 40_000;

    private static readonly int Scopes = Enum.GetValues<LimitScope>().Length;

    private readonly Dictionary<string, LimitKey>[] _keys = [.. Enumerable.Range(0, Scopes).Select(static _ => new Dictionary<string, LimitKey>(StringComparer.Ordinal))];

    // While all are in use none can go: it is looked at again when there are a quarter more, or each new name would have all of them sorted.
    private readonly int[] _most = [.. Enumerable.Repeat(MaxKeys, Scopes)];
    private int _mostCountries = MaxCountries;
    private LimitKey? _site;
    private int _countries;

    public int Count => _keys.Sum(static keys => keys.Count) + _countries;

    public LimitKey Site(long at)
    {
        _site ??= new LimitKey(LimitScope.Site, "", limits) { Since = at, Countries = new(StringComparer.Ordinal) };
        _site.SeenAt = at;
        return _site;
    }

    /// <param name="name"><see cref="LimitKey.Name"/>, a part's too.</param>
    /// <returns>null: nobody called by that name.</returns>
    public LimitKey? Find(LimitScope scope, string name)
    {
        if (Whole(scope, name) is { } whole && whole.Name == name)
        {
            return whole;
        }

        // One blank alone stands before the word: the name of no country ends with one of its own. The site's has no name.
        var blank = name.LastIndexOf(' ');
        return OriginText.Parse(name[(blank + 1)..]) is { } origin and not CallOrigin.Phone ? Whole(scope, name[..Math.Max(0, blank)])?.Part(origin) : null;
    }

    private LimitKey? Whole(LimitScope scope, string name)
    {
        if (scope == LimitScope.Site)
        {
            return _site;
        }

        if (scope != LimitScope.ExtensionCountry)
        {
            return _keys[(int)scope].GetValueOrDefault(name);
        }

        var blank = name.LastIndexOf(' ');
        return blank < 0 ? null : _keys[(int)LimitScope.Extension].GetValueOrDefault(name[..blank])?.Countries?.GetValueOrDefault(name[(blank + 1)..]);
    }

    public LimitKey Extension(string name, long at) => Of(LimitScope.Extension, name, at);

    /// <summary>A country of an extension or of the site.</summary>
    public LimitKey Country(LimitKey of, string region, long at)
    {
        var countries = of.Countries ??= new(StringComparer.Ordinal);
        if (!countries.TryGetValue(region, out var key))
        {
            if (of.Scope == LimitScope.Extension && ++_countries > _mostCountries)
            {
                _mostCountries = Sweep(_keys[(int)LimitScope.Extension], of) ? MaxCountries : _countries + (_countries / 4);
            }

            countries[region] = key = new LimitKey(LimitScope.ExtensionCountry, of.Scope == LimitScope.Extension ? $"{of.Name} {region}" : region, limits) { Since = at };
        }

        key.SeenAt = at;
        return key;
    }

    public LimitKey Of(LimitScope scope, string name, long at)
    {
        var keys = _keys[(int)scope];
        if (!keys.TryGetValue(name, out var key))
        {
            if (keys.Count >= _most[(int)scope])
            {
                _most[(int)scope] = Sweep(keys, keep: null) ? MaxKeys : keys.Count + (keys.Count / 4);
            }

            keys[name] = key = new LimitKey(scope, name, limits) { Since = at, Limits = scope == LimitScope.Extension ? masks.OfExtension(name) : ulong.MaxValue };
        }

        key.SeenAt = at;
        return key;
    }

    /// <summary>What was counted is forgotten; calls that go on and habits are not, but for those of a clock that was months ahead.</summary>
    /// <param name="day">Of now, since 1970 UTC.</param>
    public void Clear(int day)
    {
        foreach (var key in All())
        {
            key.Clear();
            key.Days.TurnBack(day);
        }
    }

    /// <summary>Somebody set the clock, and no time has passed: habits are as old as they were.</summary>
    public void ShiftDays(int days)
    {
        foreach (var key in All())
        {
            key.Days.Shift(days);
        }
    }

    /// <summary>The clock was set: each is known for as long as it was.</summary>
    public void Shift(long by)
    {
        foreach (var key in All())
        {
            key.Since += by;
        }
    }

    private IEnumerable<LimitKey> All()
    {
        foreach (var key in _keys.SelectMany(static keys => keys.Values).Concat(_site is null ? [] : [_site]))
        {
            yield return key;
            foreach (var country in key.Countries?.Values ?? Enumerable.Empty<LimitKey>())
            {
                yield return country;
            }
        }
    }

    // A quarter at once: so it costs little for each that comes. False: so many are not idle.
    private bool Sweep(Dictionary<string, LimitKey> keys, LimitKey? keep)
    {
        var quarter = Math.Max(1, keys.Count / 4);
        List<LimitKey> gone = [.. keys.Values.Where(key => key.IsIdle && key != keep).OrderBy(static key => Days(key)).ThenBy(static key => key.SeenAt).Take(quarter)];
        foreach (var key in gone)
        {
            keys.Remove(key.Name);
            _countries -= key.Scope == LimitScope.Extension ? key.Countries?.Count ?? 0 : 0;
        }

        return gone.Count == quarter;
    }

    private static int Days(LimitKey key) => key.Days.Count;
}
