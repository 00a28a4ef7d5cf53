using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>The last answer of each name, in a small file beside the journal: at a boot the resolver is often there later than the guard, and a trunk must not be
/// a stranger until then.</summary>
/// <remarks>A line for a name: name, seconds since 1970 (UTC) of the answer, addresses, separated by tabs.</remarks>
internal sealed partial class NameMemory(string path, ILogger<NameMemory> logger)
{
    // Names of a configuration file with 64 addresses each.
    private const long LongestBytes = 4 << 20;
    private const int MostFields = 2 + DnsNames.MaxAddressesPerName;

    private readonly StateFile _file = new(path, LongestBytes);
    private string _written = "";

    /// <returns>What an earlier run knew; nothing where it can't be read, which is said.</returns>
    public IReadOnlyList<ResolvedName> Read()
    {
        try
        {
            return _file.Read() is { } text ? Parse(text) : [];
        }
        catch (IOException problem)
        {
            LogFailed(problem.Message);
            return [];
        }
    }

    /// <summary>Writes the answers down if any is new. Where that fails it is said, and tried again with the next round: the names are trusted all the same.</summary>
    public void Keep(IReadOnlyList<ResolvedName> names)
    {
        var addresses = string.Join('\n', names.Where(name => name.Addresses.Count > 0).Select(name => $"{name.Name}\t{string.Join('\t', name.Addresses)}"));
        if (addresses == _written || addresses.Length == 0)
        {
            return;
        }

        try
        {
            _file.Write(Text(names));
            _written = addresses;
        }
        catch (IOException problem)
        {
            LogFailed(problem.Message);
        }
    }

    /// <summary>What a file says; a line that is not understood is passed over.</summary>
    public static IReadOnlyList<ResolvedName> Parse(string text)
    {
        List<ResolvedName> names = [];
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split('\t', MostFields + 1);
            if (fields.Length >= 3 && fields[0].Length > 0
                && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            {
                Address[] addresses = [.. fields.Skip(2).Take(DnsNames.MaxAddressesPerName).Select(Address.Parse).OfType<Address>().Distinct().Order()];
                if (addresses.Length > 0)
                {
                    names.Add(new ResolvedName(fields[0], addresses, DateTimeOffset.FromUnixTimeSeconds(seconds), null) { IsOfBefore = true });
                }
            }
        }

        return names;
    }

    public static string Text(IReadOnlyList<ResolvedName> names)
    {
        var text = new StringBuilder();
        foreach (var name in names.Where(name => name.Addresses.Count > 0 && name.Name.AsSpan().IndexOfAny('\t', '\n') < 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name.Name}\t{Math.Max(0, name.ResolvedAt?.ToUnixTimeSeconds() ?? 0)}");
            foreach (var address in name.Addresses)
            {
                text.Append('\t').Append(address);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    [LoggerMessage(2122, LogLevel.Warning, "{Problem}: the addresses of names that are trusted are not known after a restart until the resolver answers")]
    private partial void LogFailed(string problem);
}
