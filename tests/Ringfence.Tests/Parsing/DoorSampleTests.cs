using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
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

    [Fact]
    public void A_real_sshd_s_log_names_him_who_tried_and_nobody_that_he_wrote()
    {
        // OpenSSH 9.2 of Debian 12, written by real logins from 127.0.0.1: names with the end of a line, with a line end, of 400 bytes.
        var log = Recorder.Read(File.ReadAllBytes(Corpus.CorpusFiles.In("doors", "openssh-9.2.real")), door: NewLog("sshd"));

        Assert.All(log.Events, seen => Assert.Equal("127.0.0.1", seen.Source));
        Assert.Equal(3, log.Events.Count(seen => seen.Kind == Core.Events.EventKind.PasswordRefused));

        // Five tries of a name that is not there, and two connections that went without one.
        Assert.Equal(7, log.Events.Count(seen => seen.Kind == Core.Events.EventKind.AccountUnknown));
        Assert.Empty(log.Misses);
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
