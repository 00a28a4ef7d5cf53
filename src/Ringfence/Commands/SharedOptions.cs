using System.CommandLine;
using System.CommandLine.Parsing;
using Ringfence.Core.Configuration;

namespace Ringfence.Commands;

/// <summary>Options that the verbs share.</summary>
internal static class SharedOptions
{
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would happen, change nothing." };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON (shapes: docs/json.md)." };

    public static Option<string> Reason(string byDefault) => new("--reason")
    {
        Description = "Why, for those who ask later.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => byDefault,
    };

    /// <summary>--for DURATION, null when it is not given.</summary>
    public static Option<TimeSpan?> For(string description) => new("--for")
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = ParseDuration,
    };

    private static TimeSpan? ParseDuration(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        var text = result.Tokens[0].Value;
        if (Duration.Parse(text) is { } duration)
        {
            return duration;
        }

        result.AddError($"--for {text}: expected a duration such as 30m, 2h, 7d or 1w");
        return null;
    }
}
