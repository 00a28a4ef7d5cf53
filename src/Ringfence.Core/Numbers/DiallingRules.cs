namespace Ringfence.Core.Numbers;

/// <summary>How people at a site dial: what makes a number of the world out of what stands in a CDR or a dialplan's EXTEN.</summary>
/// <param name="Home">The country that the site's trunks are in.</param>
/// <param name="OutsideLines">What is dialled for an outside line: "9", "0"; none where nothing is.</param>
/// <param name="AreaCode">What a local number lacks: "415"; "" where all are dialled whole.</param>
/// <param name="MaxInternal">Digits of the longest extension.</param>
internal sealed record DiallingRules(NumberPlan Home, IReadOnlyList<string> OutsideLines, string AreaCode = "", int MaxInternal = 5)
{
    // ITU-T E.164 has 15 digits; an international prefix and an outside line stand before them.
    private const int MostDigits = 24;

    // E.164 has 15 with the calling code, mostly of two: dialled at home with the prefix for long distance in its place.
    private const int LongestNumber = 14;

    // Longer ones are nobody's short numbers: 116117, 118330.
    private const int LongestShort = 6;

    private const int ValidAbroad = 4;
    private const int ValidAtHome = 3;

    // 01033, 010056: Bundesnetzagentur, "Verbindungsnetzbetreiberkennzahlen". Elsewhere they are dialled so that the number behind is read rightly (1010288 011...), or are no longer in use.
    private static readonly (string Region, string Prefix, int Digits)[] CallByCall = [("DE", "010", 5)];

    // As a number of France they are dialled, and have a calling code of their own: ARCEP, "plan national de numérotation", territories +262, +508, +590, +594 and +596.
    private static readonly (string Dialled, string Code)[] FrenchOverseas =
    [
        ("0262", "262262"), ("0263", "262263"), ("0269", "262269"), ("0639", "262639"), ("0692", "262692"), ("0693", "262693"), ("0508", "508"), ("0590", "590590"), ("0690", "590690"), ("0691", "590691"),
        ("0594", "594594"), ("0694", "594694"), ("0596", "596596"), ("0696", "596696"), ("0697", "596697"),
    ];

    // Service codes have two or three digits (*XX, *2XX and *3XX in North America; #31#, **21*...*11# in 3GPP TS 22.030), and no number abroad is shorter than this.
    private const int LongestCode = 3;
    private const int ShortestBehindCode = 7;

    // What carriers take in any country, besides what its own plan says: GSM's "+" as 00, and 011, which systems from North America send.
    private static readonly string[] Abroad = ["00", "011"];

    /// <summary>Emergency numbers of the site, besides the country's own.</summary>
    public IReadOnlyList<string> MoreEmergency { get; init; } = [];

    /// <summary>Endpoints that lead to the operator's own other PBX: what goes there stays inside.</summary>
    public IReadOnlyList<string> InsideTrunks { get; init; } = [];

    /// <param name="trunk">The endpoint of the channel that a call goes to: whatever is dialled has no part in it.</param>
    public bool IsInside(string trunk)
    {
        foreach (var inside in InsideTrunks)
        {
            if (string.Equals(inside, trunk, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Who pays for what an endpoint calls: it, and of another PBX of the operator's own whoever calls there.</summary>
    /// <param name="caller">Between own sites nobody forges it.</param>
    public string Payer(string endpoint, string caller) => IsInside(endpoint) && Digits(caller) is { } number ? $"{endpoint}/{number}" : endpoint;

    /// <summary>Whatever is dialled, in the reading that the network is likeliest to give it; of two valid ones the foreign one, which costs more.</summary>
    /// <param name="toTrunk">It goes to a trunk: however short, it is no extension.</param>
    /// <param name="hasLine">It is what somebody dialled, outside line and all. What is sent has lost that as a rule: with 0 for an outside line 0023211234567 is a number in Sierra Leone that nobody
    /// has when it is sent, and one in Herne when it is dialled. null: unless it goes to a trunk.</param>
    public DialledNumber Read(string dialled, NumberPlans plans, bool toTrunk = false, bool? hasLine = null)
    {
        if (Digits(dialled) is not { } text)
        {
            return new DialledNumber(DialledKind.Unreadable, default, dialled);
        }

        // Behind a number # is the key that sends it.
        text = IsCode(text) ? text : text.TrimEnd('#');
        if (text.AsSpan().IndexOfAny('*', '#') >= 0)
        {
            if (toTrunk && IsCode(text) && Home.Emergency.Concat(MoreEmergency).FirstOrDefault(help => text.EndsWith(help, StringComparison.Ordinal) && text.Length <= help.Length + LongestCode + 2) is { } called)
            {
                return new DialledNumber(DialledKind.Emergency, default, called);
            }

            return BehindCode(text, plans)
                ?? new DialledNumber(IsCode(text) || OutsideLines.Any(line => text.StartsWith(line, StringComparison.Ordinal) && IsCode(text[line.Length..])) ? toTrunk ? DialledKind.Short : DialledKind.Internal : DialledKind.Unreadable, default, text);
        }

        List<string> readings = [text];
        foreach (var line in OutsideLines)
        {
            if (text.Length > line.Length && text.StartsWith(line, StringComparison.Ordinal))
            {
                readings.Add(text[line.Length..]);
            }
        }

        // A carrier that is chosen for one call: what stands behind is called.
        if (CallByCall.FirstOrDefault(one => one.Region == Home.Region) is { Digits: > 0 } choice
            && readings.Find(reading => reading.StartsWith(choice.Prefix, StringComparison.Ordinal) && reading.Length >= choice.Digits + ShortestBehindCode) is { } chosen)
        {
            return Read(chosen[(choice.Digits + (chosen[choice.Prefix.Length] == '0' ? 1 : 0))..], plans, toTrunk, hasLine: false);
        }

        if (readings.Find(IsEmergency) is { } emergency)
        {
            return new DialledNumber(DialledKind.Emergency, default, emergency);
        }

        if (!toTrunk && text.Length <= MaxInternal && text[0] != '+')
        {
            return new DialledNumber(DialledKind.Internal, default, text);
        }

        var best = Best(readings, plans, hasLine ?? !toTrunk);
        if (!best.Number.IsValid && AreaCode.Length > 0 && text[0] != '+')
        {
            // A local number begins with neither of the prefixes, nor as the short ones of networks do (110, 116117, 11833).
            foreach (var reading in readings.Where(static reading => reading[0] != '0' && !reading.StartsWith("11", StringComparison.Ordinal)))
            {
                best = plans.Dialled(AreaCode + reading, Home) is { IsValid: true } local && Rank(local) > Rank(best.Number) ? new DialledNumber(DialledKind.Outside, local, reading) : best;
            }
        }

        // 9 and 118118: behind an outside line that was dialled, and as it stands a number at home that nobody has.
        var mayBeService = best.Number.Validity == NumberValidity.TooShort || ((hasLine ?? !toTrunk) && !best.Number.IsValid && best.Number.CallingCode == Home.CallingCode);
        if (mayBeService && text[0] != '+' && readings.Find(static reading => reading.Length is > 1 and <= LongestShort && reading[0] != '0') is { } service)
        {
            // 0 and 116117: as a number abroad ("011 6117") it is none that anybody could call.
            return best with { Kind = DialledKind.Short, Digits = service };
        }

        return !best.Number.IsValid && best.Digits.Length <= LongestShort && text[0] != '+' ? best with { Kind = DialledKind.Short, Digits = readings[^1] } : AtHome(best);
    }

    // What no region of +1 or +44 has is nobody's by its plan (200 and 555 in North America), a wrong number or one that is newer than this plan: at home that is no call abroad. What islands have as their own begins with digits
    // of theirs, valid or not (876 is Jamaica).
    private DialledNumber AtHome(in DialledNumber read) =>
        read.Number is { IsValid: false, Region: "" } number && number.CallingCode == Home.CallingCode && Home.LeadingDigits is null ? read with { Number = number with { Region = Home.Region } } : read;

    /// <summary>Whether what was sent is nobody's number, and a trunk's own prefix with the number that was dialled behind it: 0815 and 0023279000001.</summary>
    public static bool IsBehindPrefix(in DialledNumber sent, in DialledNumber dialled) =>
        sent is { Kind: DialledKind.Outside, Number.IsValid: false } or { Kind: DialledKind.Short } && dialled.Number.IsValid && sent.Digits.Length > dialled.Number.Digits.Length && sent.Digits.EndsWith(dialled.Number.Digits, StringComparison.Ordinal);

    /// <summary>A number abroad behind a trunk's own prefix, where nobody knows what was dialled: 08150023279000001.</summary>
    /// <param name="sent">As <see cref="Read"/> has it.</param>
    /// <returns>null: it may be a number at home. None there is as long, with what is dialled behind it neither: what stands before the prefix for abroad is shorter than any number.</returns>
    public DialledNumber? BehindPrefix(in DialledNumber sent, NumberPlans plans)
    {
        var digits = sent.Digits.TrimStart('*', '#');
        if (sent is not ({ Kind: DialledKind.Outside, Number.IsValid: false } or { Kind: DialledKind.Short }) || digits.Length <= LongestNumber)
        {
            return null;
        }

        for (var at = 1; at <= LongestShort; at++)
        {
            foreach (var prefix in Abroad)
            {
                if (digits.AsSpan(at).StartsWith(prefix) && plans.Classify(digits[(at + prefix.Length)..]) is { IsValid: true } number && number.Region != Home.Region)
                {
                    return new DialledNumber(DialledKind.Outside, number, digits[at..]);
                }
            }
        }

        return null;
    }

    /// <summary>As extensions look, whatever the site calls its own.</summary>
    public bool IsExtension(ReadOnlySpan<char> text) => text.Length > 1 && text.Length <= MaxInternal && !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsCode(string text) => text is ['*' or '#', ..];

    // A carrier that is sent *67 or #31# before a number (caller hidden), or *72 and *21* (forwarded), calls that number: it costs as if nothing stood before it.
    private DialledNumber? BehindCode(string text, NumberPlans plans)
    {
        var digits = text.Split('*', '#').MaxBy(static part => part.Length)!;

        // "00*23279000001": what a trunk makes of that is its own affair, and may be a call.
        var all = text.Replace("*", "", StringComparison.Ordinal).Replace("#", "", StringComparison.Ordinal);
        return Enumerable.Range(0, LongestCode + 1).Where(code => digits.Length - code >= ShortestBehindCode).Select(code => Read(digits[code..], plans))
            .Concat(IsCode(text) || Read(all, plans, hasLine: false) is not { Number.CallingCode: > 0 } whole || whole.Number.CallingCode == Home.CallingCode ? [] : [whole])
            .Where(read => read.Kind == DialledKind.Outside && Rank(read.Number) > 0).OrderByDescending(read => Rank(read.Number)).Select(static read => (DialledNumber?)read).FirstOrDefault();
    }

    private DialledNumber Best(List<string> readings, NumberPlans plans, bool hasLine)
    {
        var (best, likeliest) = (default(DialledNumber), -1);
        foreach (var reading in readings)
        {
            Look(plans.Dialled(reading, Home), reading);
            if (Home.Region == "FR" && FrenchOverseas.FirstOrDefault(one => reading.StartsWith(one.Dialled, StringComparison.Ordinal)) is { Code: { } code } overseas && plans.Classify(code + reading[overseas.Dialled.Length..]) is { IsValid: true } there)
            {
                Look(there, reading);
            }

            foreach (var prefix in Abroad)
            {
                if (reading.StartsWith(prefix, StringComparison.Ordinal) && reading.Length > prefix.Length)
                {
                    Look(plans.Classify(reading[prefix.Length..]), reading, isOwn: Home.InternationalPrefix?.AtStartOf(reading) is var (length, _) && length == prefix.Length);
                }
            }
        }

        return best;

        void Look(PhoneNumber number, string reading, bool isOwn = true)
        {
            // As it stands before all; with an outside line taken away where it was dialled, where that alone is a number, or where that is a valid one abroad. The country's own way to dial goes before
            // what carriers take besides: 0 and 0298765432 are Sydney, and not the Faroe Islands, which people there dial as 0011 298; 0116834000 is Turin, and not Niue.
            var rank = isOwn || !number.IsValid ? 2 * Rank(number) : Math.Min(2 * Rank(number), (2 * ValidAtHome) - 1);
            var likely = hasLine || ReferenceEquals(reading, readings[0]) ? rank : rank == 2 * ValidAbroad ? rank - 1 : Math.Min(rank, 1);
            if (likely > likeliest)
            {
                (best, likeliest) = (new DialledNumber(DialledKind.Outside, number, reading), likely);
            }
        }
    }

    // Fraud likes ranges that nobody was given: what has a country and its length is likelier than what has neither.
    private int Rank(PhoneNumber number) => number switch
    {
        { IsValid: true } => number.Region != Home.Region ? ValidAbroad : ValidAtHome,
        { CallingCode: > 0 } when number.CallingCode != Home.CallingCode => number.Validity == NumberValidity.Unallocated ? 2 : 1,
        _ => 0,
    };

    private bool IsEmergency(string digits) => Home.Emergency.Contains(digits) || MoreEmergency.Contains(digits);

    // As people and programs write numbers; from the first pause on they are tones for whoever answers (Dial's w and p).
    private string? Digits(string dialled)
    {
        if (dialled.Length is > 0 and <= MostDigits && !dialled.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return dialled;
        }

        var digits = new System.Text.StringBuilder(dialled.Length);
        foreach (var c in dialled)
        {
            switch (c)
            {
                case >= '0' and <= '9' or '*' or '#':
                case '+' when digits.Length == 0:
                    digits.Append(c);
                    break;
                case ' ' or '-' or '.' or '(' or ')' or '/':
                    break;
                case 'w' or 'W' or 'p' or 'P' or ',' when digits.Length is 0 || OutsideLines.Contains(digits.ToString()):

                    // An analog line waits for its dial tone.
                    break;
                case 'w' or 'W' or 'p' or 'P' or ',':

                // Behind a number in a URI: parameters (RFC 3966), or a host.
                case ';' or '@' when digits.Length > 0:
                    return Bounded(digits);
                default:
                    return null;
            }
        }

        return Bounded(digits);
    }

    private static string? Bounded(System.Text.StringBuilder digits) => digits.Length is 0 or > MostDigits || digits.ToString().TrimEnd('#') is "+" ? null : digits.ToString();
}
