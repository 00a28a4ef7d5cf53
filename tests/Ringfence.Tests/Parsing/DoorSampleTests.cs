using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>Corpus/logs/doors: a file for each kind of door, each line with its answer above it, as for <see cref="SampleTests"/>.</summary>
public sealed class DoorSampleTests
{
    public static TheoryData<string> Doors() => [.. DoorSettings.Kinds.Where(kind => kind.Kind != DoorKind.Pattern).Select(kind => kind.Name)];

    private static DoorLog NewLog(string door) => new DoorSettings { Name = door, Kind = DoorSettings.Kinds.First(kind => kind.Name == door).Kind }.NewLog();

    [Theory]
    [MemberData(nameof(Doors))]
    public void Each_sample_of_a_door_gives_its_answer(string door)
    {
        var wrong = new List<string>();
        var samples = SampleTests.SamplesOf($"{door}.log", "doors").ToList();
        foreach (var sample in samples)
        {
            var log = Recorder.Read(Encoding.Latin1.GetBytes(sample.Text), door: NewLog(door));

            if (sample.Compare(log) is { } difference)
            {
                wrong.Add($"{door}.log:{sample.Line}: expected \"{sample.Answer}\": {difference}");
            }
        }

        Assert.NotEmpty(samples);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public void No_mutation_of_a_door_s_lines_throws_or_takes_long(string door)
    {
        var random = new Random(21);
        var samples = SampleTests.SamplesOf($"{door}.log", "doors").Select(sample => Encoding.Latin1.GetBytes(sample.Text.TrimEnd('\n'))).ToList();
        var reader = NewLog(door);

        var fed = 0;
        while (fed < 1_000_000)
        {
            var line = Mutated(random, samples);
            fed += line.Length + 1;
            _ = reader.Read(line);
        }

        Assert.True(fed >= 1_000_000);
    }

    internal static byte[] Mutated(Random random, IReadOnlyList<byte[]> samples)
    {
        var line = samples[random.Next(samples.Count)].ToList();
        for (var change = random.Next(1, 5); change > 0 && line.Count > 0; change--)
        {
            var at = random.Next(line.Count);
            switch (random.Next(5))
            {
                case 0:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1:
                    line.RemoveRange(at, random.Next(line.Count - at + 1));
                    break;
                case 2:
                    line.RemoveRange(0, at);
                    break;
                case 3:
                    var other = samples[random.Next(samples.Count)];
                    var from = random.Next(other.Length + 1);
                    line.InsertRange(at, other.Skip(from).Take(random.Next(other.Length - from + 1)));
                    break;
                default:
                    line.InsertRange(at, Enumerable.Repeat(line[at], random.Next(100)));
                    break;
            }
        }

        return [.. line];
    }
}
