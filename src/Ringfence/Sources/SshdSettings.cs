using System.Globalization;

namespace Ringfence.Sources;

/// <summary>What sshd's configuration says that matters for finding the administrators: where it listens, and how long a stranger may stay connected.</summary>
/// <param name="Ports">22 if unset.</param>
/// <param name="LoginGraceTime">After it sshd cuts off who has not logged in; null: never. 120 s if unset.</param>
internal sealed record SshdSettings(IReadOnlySet<ushort> Ports, TimeSpan? LoginGraceTime)
{
    /// <summary>Reads DIRECTORY/sshd_config and DIRECTORY/sshd_config.d/*.conf; what can't be read counts as unset.</summary>
    public static SshdSettings Read(string directory)
    {
        var text = new List<string>();
        try
        {
            // The distributions include sshd_config.d before everything else, and the first value of a keyword holds (sshd_config(5)).
            var parts = Path.Combine(directory, "sshd_config.d");
            var files = Directory.Exists(parts) ? Directory.GetFiles(parts, "*.conf").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
            foreach (var file in files.Append(Path.Combine(directory, "sshd_config")).Where(File.Exists))
            {
                text.AddRange(File.ReadLines(file));
            }
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            // The defaults are the likeliest.
        }

        return Parse(text);
    }

    public static SshdSettings Parse(IEnumerable<string> lines)
    {
        var ports = new HashSet<ushort>();
        TimeSpan? grace = null;
        var hasGrace = false;
        foreach (var line in lines)
        {
            // "Keyword value", "Keyword=value", any case, value perhaps in quotes.
            var words = line.Split([' ', '\t', '='], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length < 2 || words[0].StartsWith('#'))
            {
                continue;
            }

            var value = words[1].Trim('"');
            if (words[0].Equals("Port", StringComparison.OrdinalIgnoreCase) && ParsePort(value) is { } port)
            {
                ports.Add(port);
            }
            else if (words[0].Equals("ListenAddress", StringComparison.OrdinalIgnoreCase) && ParsePort(PortOf(value)) is { } listens)
            {
                ports.Add(listens);
            }
            else if (words[0].Equals("LoginGraceTime", StringComparison.OrdinalIgnoreCase) && !hasGrace && ParseTime(value) is { } seconds)
            {
                hasGrace = true;
                grace = seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
            }
        }

        return new SshdSettings(ports.Count == 0 ? new HashSet<ushort> { 22 } : ports, hasGrace ? grace : TimeSpan.FromSeconds(120));
    }

    private static ushort? ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    // host:port, ipv4:port, [ipv6]:port; a bare IPv6 address has colons too.
    private static string PortOf(string value)
    {
        var colon = value.LastIndexOf(':');
        var isBareIPv6 = !value.StartsWith('[') && value.IndexOf(':', StringComparison.Ordinal) != colon;
        return colon < 0 || isBareIPv6 || value.EndsWith(']') ? string.Empty : value[(colon + 1)..];
    }

    // sshd_config(5), TIME FORMATS: 600, 10m, 1h30m.
    private static long? ParseTime(string text)
    {
        var total = 0L;
        var number = -1L;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c) && number < 100_000_000)
            {
                number = (Math.Max(number, 0) * 10) + (c - '0');
                continue;
            }

            var unit = char.ToLowerInvariant(c) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, _ => 0 };
            if (unit == 0 || number < 0)
            {
                return null;
            }

            total += number * unit;
            number = -1;
        }

        return text.Length == 0 ? null : total + Math.Max(number, 0);
    }
}
