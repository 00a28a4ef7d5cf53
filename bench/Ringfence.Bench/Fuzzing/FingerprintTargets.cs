using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Sip;

namespace Ringfence.Bench.Fuzzing;

/// <summary>Files of fingerprints that an operator writes, and requests that they are asked of.</summary>
internal static class FingerprintTargets
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1189347692;rport\r\nContent-Length: 0\r\nFrom: \"100\"<sip:100@192.0.2.1>;tag=61306130\r\nAccept: application/sdp\r\n"
        + "To: <sip:100@192.0.2.1>\r\nContact: sip:100@192.0.2.9\r\nCSeq: 1 OPTIONS\r\nCall-ID: 327461825713829456127341\r\nMax-Forwards: 70\r\n\r\n");

    public static IEnumerable<FuzzTarget> All =>
    [
        new("fingerprints", corpus => corpus.Messages.Concat(corpus.SipTexts), input => FuzzTargets.Ignore(Fingerprints.BuiltIn.Find(SipMessage.Parse(input), input).IsEmpty)),
        new("fingerprints.conf", _ => Encoding.ASCII.GetString(FingerprintFile.BuiltInText()).Split("\n\n").Select(Encoding.ASCII.GetBytes), File),
    ];

    private static void File(ReadOnlySpan<byte> input)
    {
        var mistakes = new List<ConfigMistake>();
        var read = FingerprintFile.Read(FingerprintFile.Parse("fuzz.conf", input.ToArray()), mistakes);
        FuzzTargets.Ignore(new Fingerprints([.. read.Values.OfType<Fingerprint>()]).Find(SipMessage.Parse(Request), Request).IsEmpty && mistakes.Count == 0);
    }
}
