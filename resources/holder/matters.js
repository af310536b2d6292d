// Names of service matters as they ship; a hub serves those of its own list under this name.

export const MATTERS = {
  SEAL: "公章刻制备案",
  VEHICLE: "机动车登记和号牌申领",
  SOCIAL: "社会保险登记和缴费",
  PERSONNEL: "人事和工资基金管理",
  BANK: "银行开户和贷款",
  TAX: "税务登记和办税",
  RESOURCE: "参与资源配置和举办企业",
  ASSETS: "国有资产登记",
  ESTATE: "土地和不动产登记",
  FEES: "收费许可和票据领用",
  LITIGATION: "诉讼和公证",
  CUSTOMS: "海关登记和减免税",
  ICP: "互联网信息服务备案",
  ACCOUNT: "公众账号注册和应用程序分发",
  REGISTRATION: "事业单位登记事项办理",
};
