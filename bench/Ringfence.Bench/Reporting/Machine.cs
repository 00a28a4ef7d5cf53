namespace Ringfence.Bench.Reporting;

/// <summary>What the figures were measured on. No name of a host, no path.</summary>
internal static class Machine
{
    public static IReadOnlyDictionary<string, string> Describe(TimeProvider clock, IEnumerable<string> versions)
    {
        var description = new Dictionary<string, string>
        {
            ["Date"] = clock.GetUtcNow().ToString("yyyy-MM-dd", null),
            ["Processor"] = $"{After("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores",
            ["Memory"] = $"{long.Parse(After("/proc/meminfo", "MemTotal").Split(' ')[0], null) / (1024.0 * 1024):0.#} GiB",
            ["Kernel"] = $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}",
            ["System"] = After("/etc/os-release", "PRETTY_NAME", '=').Trim('"'),
        };
        foreach (var version in versions)
        {
            var (name, value) = version.Split('=', 2) is [var left, var right] ? (left, right) : (version, "");
            description[name] = value;
        }

        return description;
    }

    /// <summary>For a file's name: "amd-epyc-2-cores".</summary>
    public static string Slug(IReadOnlyDictionary<string, string> description) =>
        string.Join('-', description["Processor"].ToLowerInvariant().Split([' ', ',', '(', ')', '@', '/', '.'], StringSplitOptions.RemoveEmptyEntries));

    private static string After(string path, string key, char separator = ':') =>
        File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(separator, 2)[1].Trim() ?? "unknown";
}
