using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Perimeter;

/// <summary>The firewall's policy that a machine seems to need, as sections of ringfence.conf that hold nothing until their semicolons go.</summary>
internal static class ProposedPolicy
{
    // A survey of a large office names each phone; its networks say as much.
    private const int MostPhones = 20;

    public static void Append(StringBuilder text, MachineSurvey survey, MachinePorts machine)
    {
        text.Append("\n; A firewall for this machine: who may reach what, and nobody else. There is none while these semicolons stand. Then: ringfence firewall plan, apply, confirm\n");
        text.Append(";[zone admin]\n");
        foreach (var peer in survey.SshPeers)
        {
            text.Append($";network = {peer}   ; logged in by ssh now\n");
        }

        if (survey.SshPeers.Count == 0)
        {
            text.Append("; nobody is logged in by ssh now; expected here: network = your own address\n");
        }

        text.Append("\n;[zone phones]\n");
        foreach (var (card, network) in survey.Own.Select(static own => (own.Interface, own.Network)).Distinct().Where(static own => PrivateNetworks.Contains(own.Network.First.ToIPAddress())))
        {
            text.Append($";network = {network}   ; the network of {Shown.Text(card, 40)}\n");
        }

        var inside = survey.Own.Select(static own => own.Network).Where(static network => PrivateNetworks.Contains(network.First.ToIPAddress())).ToList();
        foreach (var (address, reason) in (survey.Phones ?? []).Where(phone => !inside.Exists(network => network.Contains(phone.Address))).DistinctBy(static phone => phone.Address).Take(MostPhones))
        {
            text.Append($";network = {address}   ; {Shown.Text(reason, 80)}\n");
        }

        text.Append("; Phones that are registered keep their way in wherever they are, while a guard runs. The zone trunks is what pjsip.conf names.\n");
        Services(text, survey, machine);
    }

    // What listens, can be reached from elsewhere and is no service that is known.
    private static void Services(StringBuilder text, MachineSurvey survey, MachinePorts machine)
    {
        var known = ServiceDefaults.Of(machine).SelectMany(static service => service.Ports).ToList();
        foreach (var program in survey.Listening.Where(static socket => socket.IsOnNetwork)
            .Select(static socket => (socket.Program, Range: PortRange.Of(socket.Protocol == "tcp" ? PortProtocol.Tcp : PortProtocol.Udp, (ushort)socket.Port)))
            .Where(socket => !known.Exists(socket.Range.Overlaps) && socket.Program is not null).DistinctBy(static socket => socket.Range).GroupBy(static socket => NameOf(socket.Program!)))
        {
            text.Append($"\n; {program.Key} listens there: open it to a zone if somebody has to reach it\n;[service {program.Key}]\n;ports = {string.Join(", ", program.Select(static socket => socket.Range).Order())}\n;open = nobody\n");
        }
    }

    private static string NameOf(string program)
    {
        var plain = string.Concat(program.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')).TrimStart('-', '.');
        var name = plain.Length is 0 ? "unknown" : plain.Length > 30 ? plain[..30] : plain;
        return ServiceDefaults.Names.Contains(name, StringComparer.Ordinal) ? $"{name}-program" : name;
    }
}
