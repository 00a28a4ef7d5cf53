using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ringfence.Bench.Measuring;

/// <summary>What one run of one program gave.</summary>
/// <param name="Part">The part of bench/compare: "replay", "latency"...</param>
/// <param name="Program">"ringfence", "rg", "fail2ban"...</param>
/// <param name="Figures">Name, with its unit at the end, and number.</param>
internal sealed record Measurement(string Part, string Program, IReadOnlyDictionary<string, double> Figures)
{
    public static Measurement FromLine(string json) => JsonSerializer.Deserialize(json, BenchJson.Default.Measurement)!;

    /// <summary>Prints it for people, and appends it to a file of JSON Lines if one is given.</summary>
    public void Report(string? file)
    {
        Console.WriteLine($"{Part}, {Program}: {string.Join(", ", Figures.Select(figure => $"{figure.Key} {figure.Value:0.####}"))}");
        if (file is not null)
        {
            File.AppendAllText(file, JsonSerializer.Serialize(this, BenchJson.Default.Measurement) + "\n");
        }
    }
}

/// <summary>The raw results of a run of bench/compare.</summary>
internal sealed record Results(IReadOnlyDictionary<string, string> Machine, IReadOnlyList<Measurement> Measurements);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Measurement))]
internal sealed partial class BenchJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Results))]
internal sealed partial class ResultsJson : JsonSerializerContext;
