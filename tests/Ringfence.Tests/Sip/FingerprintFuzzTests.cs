using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Sip;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>No file of fingerprints and no request throws. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class FingerprintFuzzTests
{
    private static readonly byte[][] Requests = [.. SipSample.Read("scanners.sip").Concat(SipSample.Read("phones.sip")).Select(sample => sample.Message)];

    [Fact]
    public void No_damaged_file_throws_and_what_it_gives_can_be_asked()
    {
        var random = new Random(20_261_130);
        byte[][] sections = [.. Encoding.ASCII.GetString(FingerprintFile.BuiltInText()).Split("\n\n").Select(Encoding.ASCII.GetBytes)];
        var (sound, unsound) = (0, 0);
        for (var input = 0; input < 10_000; input++)
        {
            var text = DoorSampleTests.Mutated(random, sections);
            var mistakes = new List<ConfigMistake>();

            var read = FingerprintFile.Read(FingerprintFile.Parse("f.conf", text), mistakes);

            var prints = new Fingerprints([.. read.Values.OfType<Fingerprint>()]);
            var message = Requests[random.Next(Requests.Length)];
            Assert.InRange(prints.Find(SipMessage.Parse(message), message).Length, 0, 40);
            Assert.All(mistakes, mistake => Assert.DoesNotContain(mistake.ToString(), char.IsControl));
            sound += mistakes.Count == 0 && read.Count > 0 ? 1 : 0;
            unsound += mistakes.Count > 0 ? 1 : 0;
        }

        Assert.InRange(sound, 1_000, 10_000);
        Assert.InRange(unsound, 1_000, 10_000);
    }

    [Fact]
    public void No_damaged_request_throws()
    {
        var random = new Random(20_261_131);
        var (named, nameless) = (0, 0);
        for (var input = 0; input < 100_000; input++)
        {
            var message = DoorSampleTests.Mutated(random, Requests);
            var request = SipMessage.Parse(message);

            var name = Fingerprints.BuiltIn.Find(request, message);

            Assert.InRange(name.Length, 0, 40);
            named += name.IsEmpty ? 0 : 1;
            nameless += name.IsEmpty ? 1 : 0;
        }

        Assert.InRange(named, 1_000, 100_000);
        Assert.InRange(nameless, 1_000, 100_000);
    }
}
