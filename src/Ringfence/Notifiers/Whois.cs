using System.Text;
using Ringfence.Core.Detection;
using Ringfence.Core.Notices;
using Ringfence.Sources;

namespace Ringfence.Notifiers;

/// <summary>Asks the program whois about an address, if it is installed.</summary>
internal sealed class Whois(TimeProvider clock, string program = "whois")
{
    private const int MostLines = 40;

    /// <returns>Lines made safe; empty: there is nobody to ask about, no whois, or no answer within 5 s. A notice never fails for it.</returns>
    public async Task<string> AskAsync(Notice? notice, CancellationToken stop)
    {
        if (notice is not { Kind: NoticeKind.Ban or NoticeKind.Alert or NoticeKind.Spare, Address.Length: > 0 })
        {
            return "";
        }

        var answer = await ShortCommand.RunUnprivilegedAsync(program, ["--", notice.Address.Split('/')[0]], clock, stop);
        var lines = Encoding.Latin1.GetString(answer.Output).Split('\n')
            .Select(line => line.Trim('\r', ' '))
            .Where(line => line.Length > 0 && line[0] is not ('%' or '#'))
            .Take(MostLines)
            .Select(line => SafeText.From(Encoding.Latin1.GetBytes(line.Length <= 200 ? line : line[..200])));
        return string.Join('\n', lines);
    }
}
